# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of the okap command. build-aux/update-command-docs writes this file.

_okap_ids() {
  timeout 2 okap "$1" list --json 2>/dev/null | sed -n 's/.*"id" *: *"\([a-z0-9_]*\)".*/\1/p'
}

# What completes what: $1 is words, or @grants, @keys, @files, @programs.
_okap_offer() {
  case $1 in
    @grants | @keys) mapfile -t COMPREPLY < <(compgen -W "$(_okap_ids "${1#@}")" -- "$2") ;;
    @files) mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
    @programs) mapfile -t COMPREPLY < <(compgen -c -- "$2") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2") ;;
  esac
}

# Sets options, values (lines of option and what it takes) and argument of the command $1.
_okap_describe() {
  options='--help' values='' argument=''
  case $1 in
    'open')
      options='--help'
      ;;
    'init')
      options='--passphrase-fd --help'
      values='--passphrase-fd @nothing'
      ;;
    'serve')
      options='--listen --approve --ceiling-input --ceiling-output --portable --bus --passphrase-fd --help'
      values='--listen @nothing
--approve ask never always
--ceiling-input @nothing
--ceiling-output @nothing
--passphrase-fd @nothing'
      ;;
    'status')
      options='--json --help'
      ;;
    'unlock')
      options='--passphrase-fd --help'
      values='--passphrase-fd @nothing'
      ;;
    'lock')
      options='--help'
      ;;
    'pause')
      options='--json --help'
      ;;
    'resume')
      options='--passphrase-fd --help'
      values='--passphrase-fd @nothing'
      ;;
    'doctor')
      options='--endpoints --json --help'
      argument='anthropic azure-openai cerebras cloudflare cohere deepseek demo eden fireworks google groq helicone kilo litellm mistral ngrok ollama openai openai-compatible openrouter perplexity portkey replicate sambanova together vercel xai'
      ;;
    'keys add')
      options='--label --base-url --no-key --second --passphrase-fd --json --help'
      values='--label @nothing
--base-url @nothing
--passphrase-fd @nothing'
      argument='anthropic azure-openai cerebras cloudflare cohere deepseek demo eden fireworks google groq helicone kilo litellm mistral ngrok ollama openai openai-compatible openrouter perplexity portkey replicate sambanova together vercel xai'
      ;;
    'keys list')
      options='--json --help'
      ;;
    'keys remove')
      options='--json --help'
      argument='@keys'
      ;;
    'keys test')
      options='--json --help'
      argument='@keys'
      ;;
    'keys rotate')
      options='--from-file --no-test --back --keep --rotation --json --help'
      values='--from-file @files
--rotation @nothing'
      argument='@keys'
      ;;
    'request')
      options='--provider --model --capability --monthly --daily --rpm --rpd --expires --name --reason --bind --json --help'
      values='--provider anthropic azure-openai cerebras cloudflare cohere deepseek demo eden fireworks google groq helicone kilo litellm mistral ngrok ollama openai openai-compatible openrouter perplexity portkey replicate sambanova together vercel xai
--model @nothing
--capability chat completions embeddings images audio vision code moderation
--monthly @nothing
--daily @nothing
--rpm @nothing
--rpd @nothing
--expires @nothing
--name @nothing
--reason @nothing
--bind @files'
      argument='@files'
      ;;
    'grants list')
      options='--json --help'
      ;;
    'grants show')
      options='--json --help'
      argument='@grants'
      ;;
    'grants pause')
      options='--json --help'
      argument='@grants'
      ;;
    'grants resume')
      options='--passphrase-fd --json --help'
      values='--passphrase-fd @nothing'
      argument='@grants'
      ;;
    'grants set')
      options='--provider --ceiling-input --ceiling-output --no-ceiling --keep-output --lower-output --finish-and-count --cancel --passphrase-fd --json --help'
      values='--provider anthropic azure-openai cerebras cloudflare cohere deepseek demo eden fireworks google groq helicone kilo litellm mistral ngrok ollama openai openai-compatible openrouter perplexity portkey replicate sambanova together vercel xai
--ceiling-input @nothing
--ceiling-output @nothing
--passphrase-fd @nothing'
      argument='@grants'
      ;;
    'grants revoke')
      options='--json --help'
      argument='@grants'
      ;;
    'threshold')
      options='--daily --monthly --total --passphrase-fd --json --help'
      values='--daily @nothing
--monthly @nothing
--total @nothing
--passphrase-fd @nothing'
      ;;
    'vault status')
      options='--json --help'
      ;;
    'vault slots')
      options='--json --help'
      ;;
    'vault passphrase')
      options='--passphrase-fd --json --label --slot --help'
      values='--passphrase-fd @nothing
--label @nothing
--slot @nothing'
      ;;
    'vault add')
      options='--passphrase-fd --json --label --slot --help'
      values='--passphrase-fd @nothing
--label @nothing
--slot @nothing'
      ;;
    'vault remove')
      options='--passphrase-fd --json --help'
      values='--passphrase-fd @nothing'
      ;;
    'vault recovery')
      options='--passphrase-fd --json --help'
      values='--passphrase-fd @nothing'
      ;;
    'vault keyring')
      options='--passphrase-fd --json --help'
      values='--passphrase-fd @nothing'
      ;;
    'vault export')
      options='--passphrase-fd --json --help'
      values='--passphrase-fd @nothing'
      argument='@files'
      ;;
    'vault import')
      options='--passphrase-fd --add --json --help'
      values='--passphrase-fd @nothing'
      argument='@files'
      ;;
    'usage')
      options='--by --since --json --help'
      values='--by app provider model day grant scope
--since @nothing'
      ;;
    'usage list')
      options='--grant --provider --model --app --failed --before --most --json --help'
      values='--grant @grants
--provider anthropic azure-openai cerebras cloudflare cohere deepseek demo eden fireworks google groq helicone kilo litellm mistral ngrok ollama openai openai-compatible openrouter perplexity portkey replicate sambanova together vercel xai
--model @nothing
--app @nothing
--before @nothing
--most @nothing'
      ;;
    'usage keep')
      options='--days --size --json --help'
      values='--days @nothing
--size @nothing'
      ;;
    'usage correct')
      options='--reason --passphrase-fd --json --help'
      values='--reason @nothing
--passphrase-fd @nothing'
      argument='@grants'
      ;;
    'prices list')
      options='--provider --mine --json --help'
      values='--provider anthropic azure-openai cerebras cloudflare cohere deepseek demo eden fireworks google groq helicone kilo litellm mistral ngrok ollama openai openai-compatible openrouter perplexity portkey replicate sambanova together vercel xai'
      ;;
    'prices show')
      options='--provider --json --help'
      values='--provider anthropic azure-openai cerebras cloudflare cohere deepseek demo eden fireworks google groq helicone kilo litellm mistral ngrok ollama openai openai-compatible openrouter perplexity portkey replicate sambanova together vercel xai'
      ;;
    'prices set')
      options='--input --cached --cache-written --cache-written-1h --audio-input --audio-cached --image-input --image-cached --video-input --output --reasoning --audio-output --image-output --video-output --per-run --per-image --per-second --per-million-characters --per-search --per-page --max-output --context --free --passphrase-fd --json --help'
      values='--input @nothing
--cached @nothing
--cache-written @nothing
--cache-written-1h @nothing
--audio-input @nothing
--audio-cached @nothing
--image-input @nothing
--image-cached @nothing
--video-input @nothing
--output @nothing
--reasoning @nothing
--audio-output @nothing
--image-output @nothing
--video-output @nothing
--per-run @nothing
--per-image @nothing
--per-second @nothing
--per-million-characters @nothing
--per-search @nothing
--per-page @nothing
--max-output @nothing
--context @nothing
--passphrase-fd @nothing'
      argument='anthropic azure-openai cerebras cloudflare cohere deepseek demo eden fireworks google groq helicone kilo litellm mistral ngrok ollama openai openai-compatible openrouter perplexity portkey replicate sambanova together vercel xai'
      ;;
    'prices unset')
      options='--passphrase-fd --json --help'
      values='--passphrase-fd @nothing'
      argument='anthropic azure-openai cerebras cloudflare cohere deepseek demo eden fireworks google groq helicone kilo litellm mistral ngrok ollama openai openai-compatible openrouter perplexity portkey replicate sambanova together vercel xai'
      ;;
    'prices update')
      options='--built-in --passphrase-fd --json --help'
      values='--passphrase-fd @nothing'
      argument='@files'
      ;;
    'prices check')
      options='--json --help'
      argument='@files'
      ;;
    'prices confirm')
      options='--passphrase-fd --json --help'
      values='--passphrase-fd @nothing'
      ;;
    'run')
      options='--provider --model --capability --monthly --daily --rpm --rpd --expires --name --reason --help'
      values='--provider anthropic azure-openai cerebras cloudflare cohere deepseek demo eden fireworks google groq helicone kilo litellm mistral ngrok ollama openai openai-compatible openrouter perplexity portkey replicate sambanova together vercel xai
--model @nothing
--capability chat completions embeddings images audio vision code moderation
--monthly @nothing
--daily @nothing
--rpm @nothing
--rpd @nothing
--expires @nothing
--name @nothing
--reason @nothing'
      argument='@programs'
      ;;
  esac
}

_okap() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local options values argument command first=2 option what= i
  COMPREPLY=()
  # --option=value comes in three words
  if [ "$word" = = ]; then
    word=
  elif [ "$before" = = ] && [ "$COMP_CWORD" -gt 2 ]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if [ "$COMP_CWORD" -eq 1 ]; then
    _okap_offer 'open init serve status unlock lock pause resume doctor keys request grants threshold vault usage prices run --help --version' "$word"
    return
  fi
  command=${COMP_WORDS[1]}
  case $command in
    keys) what='add list remove test rotate' ;;
    grants) what='list show pause resume set revoke' ;;
    vault) what='status slots passphrase add remove recovery keyring export import' ;;
    usage) what='list keep correct' ;;
    prices) what='list show set unset update check confirm' ;;
  esac
  if [ "$COMP_CWORD" -eq 2 ] && [ -n "$what" ] && [[ $word != -* ]]; then
    _okap_offer "$what" "$word"
    return
  fi
  if [ -n "$what" ] && [[ " $what " = *" ${COMP_WORDS[2]} "* ]]; then
    command="$command ${COMP_WORDS[2]}"
    first=3
  fi
  _okap_describe "$command"
  if [ "$argument" = @programs ]; then
    for ((i = first; i < COMP_CWORD; i++)); do
      if [ "${COMP_WORDS[i]}" = -- ]; then
        if [ "$i" -eq $((COMP_CWORD - 1)) ]; then _okap_offer @programs "$word"
        else _okap_offer @files "$word"; fi
        return
      fi
    done
    options="$options --"
    argument=
  fi
  while read -r option what; do
    if [ -n "$option" ] && [ "$before" = "$option" ]; then
      [ "$what" = @nothing ] || _okap_offer "$what" "$word"
      return
    fi
  done <<<"$values"
  if [[ $word = -* ]] || [ -z "$argument" ]; then
    _okap_offer "$options" "$word"
  else
    _okap_offer "$argument" "$word"
  fi
}

complete -F _okap okap
