/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An app calls itself something; does that fit what it is? A hint for the eye and no proof: whoever
 * names a file chooses it freely. It is worth having only if it is rare, so the words of the claim
 * are compared with all that was seen, and one of them that is found there in some form is enough:
 * "Visual Studio Code" is /usr/share/code/code, "GIMP" is gimp-2.10, "Text Editor" is
 * org.gnome.TextEditor.
 *
 * Nothing is said where nothing could be told: of programs that could not be identified, of what
 * the user started and named with okap run, and of names that say nothing ("My App"). An
 * interpreter's own name fits no script: "Python Notes" is not what python3 is called. */
#include "config.h"

#include "okap-mismatch.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "okap-text.h"

#define CLAIM_CHARS 48
#define SEEN_CHARS  64
#define LONG_ENOUGH 4   /* characters of a word that may be found inside another one */
#define FOLDERS     2   /* of the innermost folders of a path, how many tell something */

/* Words that every app could have in its name. */
static const char *const says_nothing[] = {
  "a", "ai", "an", "and", "app", "application", "for", "my", "of", "our", "program", "the", "tool",
  "unnamed", "untitled",
};

/* Folders that every program could lie in. */
static const char *const everywhere[] = {
  "bin", "dist", "home", "lib", "lib64", "libexec", "local", "opt", "root", "sbin", "share", "snap",
  "src", "tmp", "usr", "var",
};

static gboolean
is_in (const char *word, const char *const *words, gsize n_words)
{
  for (gsize i = 0; i < n_words; i++)
    if (g_str_equal (word, words[i]))
      return TRUE;
  return FALSE;
}

static void
take_word (GPtrArray *words, GString *word)
{
  if (word->len > 0)
    g_ptr_array_add (words, g_strdup (word->str));
  g_string_truncate (word, 0);
}

/* Adds the words of @text in lower case: letters, or digits; "TextEditor2" has three. */
static void
add_words (GPtrArray *words, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  g_autofree char *plain = g_utf8_normalize (valid, -1, G_NORMALIZE_ALL_COMPOSE);
  GString *word = g_string_new (NULL);
  gunichar before = 0;

  for (const char *p = plain; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      gboolean starts = g_unichar_isalpha (c) != g_unichar_isalpha (before)
                        || (g_unichar_isupper (c) && g_unichar_islower (before));

      if (!g_unichar_isalnum (c) || starts)
        take_word (words, word);
      if (g_unichar_isalnum (c))
        g_string_append_unichar (word, g_unichar_tolower (c));
      before = c;
    }
  take_word (words, word);
  g_string_free (word, TRUE);
}

/* The innermost folders of @path, but for those in which everything lies. */
static void
add_folders (GPtrArray *words, const char *path, gboolean is_folder)
{
  g_auto (GStrv) parts = g_strsplit (path != NULL ? path : "", "/", -1);
  guint n = g_strv_length (parts);
  guint end = is_folder ? n : MAX (n, 1) - 1;
  /* "", "home", and the user's name, which says nothing about a program */
  guint first = n > 2 && g_str_equal (parts[1], "home") ? 3 : 1;
  guint taken = 0;

  for (guint i = end; i > first && taken < FOLDERS; i--)
    if (*parts[i - 1] != '\0'
        && !is_in (parts[i - 1], everywhere, G_N_ELEMENTS (everywhere)))
      {
        add_words (words, parts[i - 1]);
        taken++;
      }
}

static void
add_base (GPtrArray *words, const char *path)
{
  g_autofree char *base = g_path_get_basename (path != NULL ? path : "");

  add_words (words, base);
}

/* (transfer full): (element-type utf8): all words that were seen */
static GPtrArray *
list_seen (const OkapIdentity *seen)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  switch (seen->kind)
    {
    case OKAP_IDENTITY_SCRIPT:
      if (seen->script != NULL && g_str_has_prefix (seen->script, "-"))
        add_words (words, seen->script);
      else if (seen->script != NULL)
        {
          add_base (words, seen->script);
          add_folders (words, seen->script, FALSE);
        }
      add_folders (words, seen->folder, TRUE);
      add_words (words, seen->unit);
      break;
    case OKAP_IDENTITY_SANDBOXED:
      add_words (words, seen->app_id);
      add_base (words, seen->program);
      break;
    case OKAP_IDENTITY_WEBSITE:
      add_words (words, seen->origin);
      break;
    case OKAP_IDENTITY_USER_PROGRAM:
    case OKAP_IDENTITY_INSTALLED:
    case OKAP_IDENTITY_UNKNOWN:
    case OKAP_IDENTITY_RUN:
    default:
      add_base (words, seen->program);
      add_folders (words, seen->program, FALSE);
      add_words (words, seen->unit);
      break;
    }
  return g_steal_pointer (&words);
}

/* (transfer full): (element-type utf8): the words of the claim that say something */
static GPtrArray *
list_claimed (const char *claim, const OkapIdentity *seen)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) telling = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) interpreter = g_ptr_array_new_with_free_func (g_free);

  if (seen->kind == OKAP_IDENTITY_SCRIPT)
    add_base (interpreter, seen->program);
  add_words (words, claim);
  for (guint i = 0; i < words->len; i++)
    {
      const char *word = g_ptr_array_index (words, i);

      if (!is_in (word, says_nothing, G_N_ELEMENTS (says_nothing))
          && !g_ascii_isdigit (*word)
          && !is_in (word, (const char *const *) interpreter->pdata, interpreter->len))
        g_ptr_array_add (telling, g_strdup (word));
    }
  return g_steal_pointer (&telling);
}

/* (transfer full): the words without spaces between them, or their first letters */
static char *
join (const GPtrArray *words, gboolean initials)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < words->len; i++)
    {
      const char *word = g_ptr_array_index (words, i);

      g_string_append_len (text, word,
                           initials ? g_utf8_next_char (word) - word : (gssize) strlen (word));
    }
  return g_string_free (text, FALSE);
}

static gboolean
one_in_other (const char *a, const char *b)
{
  return g_str_equal (a, b)
         || (g_utf8_strlen (a, -1) >= LONG_ENOUGH && strstr (b, a) != NULL)
         || (g_utf8_strlen (b, -1) >= LONG_ENOUGH && strstr (a, b) != NULL);
}

/* @initials: of all words of the claim, those that say nothing included */
static gboolean
fits (const GPtrArray *claimed, const char *initials, const GPtrArray *seen)
{
  g_autofree char *claimed_all = join (claimed, FALSE);
  g_autofree char *seen_all = join (seen, FALSE);
  g_autofree char *seen_initials = join (seen, TRUE);

  if (one_in_other (claimed_all, seen_all))
    return TRUE;
  for (guint i = 0; i < seen->len; i++)
    {
      const char *word = g_ptr_array_index (seen, i);

      if (strlen (initials) > 1 && g_str_equal (word, initials))
        return TRUE;
      for (guint j = 0; j < claimed->len; j++)
        if (one_in_other (g_ptr_array_index (claimed, j), word))
          return TRUE;
    }
  /* "gnu image manipulation program" calls itself GIMP */
  return claimed->len == 1 && strlen (claimed_all) > 2 && g_str_equal (claimed_all, seen_initials);
}

/** okap_mismatch_found: whether an app that calls itself @claim should not be what was @seen */
gboolean
okap_mismatch_found (const char *claim, const OkapIdentity *seen)
{
  g_autoptr (GPtrArray) claimed = list_claimed (claim, seen);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) words = NULL;
  g_autofree char *initials = NULL;

  if (seen->kind == OKAP_IDENTITY_UNKNOWN || seen->kind == OKAP_IDENTITY_RUN || claimed->len == 0)
    return FALSE;
  words = list_seen (seen);
  add_words (all, claim);
  initials = join (all, TRUE);
  return !fits (claimed, initials, words);
}

static const char *
get_telling_name (const OkapIdentity *seen)
{
  switch (seen->kind)
    {
    case OKAP_IDENTITY_SANDBOXED:
      return seen->app_id;
    case OKAP_IDENTITY_WEBSITE:
      return seen->origin;
    case OKAP_IDENTITY_UNKNOWN:
    case OKAP_IDENTITY_SCRIPT:
    case OKAP_IDENTITY_USER_PROGRAM:
    case OKAP_IDENTITY_INSTALLED:
    case OKAP_IDENTITY_RUN:
    default:
      return seen->program;
    }
}

/**
 * okap_mismatch_dup_words:
 *
 * Returns: (transfer full) (nullable): the contradiction in words, plain text; %NULL if there is
 *   none
 */
char *
okap_mismatch_dup_words (const char *claim, const OkapIdentity *seen)
{
  g_autofree char *valid = NULL;
  g_autofree char *clean = NULL;
  g_autofree char *is = NULL;
  g_autofree char *name = NULL;

  if (get_telling_name (seen) == NULL || !okap_mismatch_found (claim, seen))
    return NULL;
  valid = g_utf8_make_valid (get_telling_name (seen), -1);
  clean = okap_text_clean (valid, strlen (valid));
  is = okap_text_shorten (clean, SEEN_CHARS);
  name = okap_text_shorten (claim, CLAIM_CHARS);
  /* Translators: the name that an app gives itself, and the path of the program that it is */
  return g_strdup_printf (_("calls itself “%1$s”, but is %2$s"), name, is);
}
