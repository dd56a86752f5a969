/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every hard limit of Okap, with its unit and its reason. A buffer, queue or list is made with
 * one of these; nothing that another process can fill is unbounded. */
#pragma once

/* A consent request: PROTOCOL section 2. */
#define OKAP_CAP_REQUEST_BYTES         (64 * 1024)
#define OKAP_CAP_REQUEST_DEPTH         16
#define OKAP_CAP_REQUEST_ENTRIES       8
#define OKAP_CAP_REQUEST_MODELS        64
#define OKAP_CAP_NAME_CHARS            64
#define OKAP_CAP_REASON_CHARS          256
#define OKAP_CAP_MODEL_BYTES           128
#define OKAP_CAP_URL_BYTES             512
#define OKAP_CAP_STATE_BYTES           512

/* Consent: how many questions may wait, and how long, in seconds. One of each program, but for okap
 * run, which the user starts; what nobody sees is only bounded. */
#define OKAP_CAP_PENDING_REQUESTS      8
#define OKAP_CAP_PENDING_RUN           4    /* of okap run, beside them */
#define OKAP_CAP_PENDING_UNSEEN        64   /* where no person is asked */
#define OKAP_CAP_COALESCED             16   /* requests that one question answers */
#define OKAP_CAP_WAIT_DEFAULT_S        300
#define OKAP_CAP_WAIT_MOST_S           600
#define OKAP_CAP_PROOF_S               300  /* that a typed passphrase proves anything */

/* Flood control: how often a person is asked, and what follows from no and from silence. */
#define OKAP_CAP_DIALOGS               3    /* of one program, in a window of time */
#define OKAP_CAP_DIALOGS_RUN           20   /* of okap run, in the same */
#define OKAP_CAP_DIALOGS_ALL           60   /* of all programs, in the same */
#define OKAP_CAP_DIALOGS_S             600
#define OKAP_CAP_DISMISSALS            2    /* in a row, then a pause */
#define OKAP_CAP_DISMISSED_PAUSE_S     300
#define OKAP_CAP_REFUSALS              3    /* in a row, then a longer one */
#define OKAP_CAP_REFUSED_PAUSE_S       3600
#define OKAP_CAP_PAUSES                3    /* then "always" is offered */
#define OKAP_CAP_STRIKES_S             86400  /* after which strikes and pauses are forgotten */
#define OKAP_CAP_FLOOD_PROGRAMS        256  /* that are remembered */
#define OKAP_CAP_AGAIN                 30   /* tokens of a grant that is given again, a minute */
#define OKAP_CAP_GRANT_TOKENS          16   /* that one grant has; the oldest goes */

/* Answers that callers fetch later, waiting ones included, and how long one is kept. */
#define OKAP_CAP_POLLED_ANSWERS        64
#define OKAP_CAP_POLLED_ANSWER_S       600

/* One-time codes: RFC 6749 asks for a short life; how many live at once, and how many dead ones are
 * remembered, so that a second use is told from a wrong code. */
#define OKAP_CAP_CODE_S                60
#define OKAP_CAP_CODES                 64
#define OKAP_CAP_DEAD_CODES            256
#define OKAP_CAP_REDEEM_BYTES          4096

/* Links: a whole request in base64url with what is around it; and a callback on loopback. */
#define OKAP_CAP_LINK_BYTES            (96 * 1024)
#define OKAP_CAP_CALLBACK_S            10
#define OKAP_CAP_CALLBACK_ANSWER_BYTES 4096  /* read and dropped */

/* Identifying programs: what is read of them, and what is remembered. */
#define OKAP_CAP_IDENTITY_FILE_BYTES   G_GINT64_CONSTANT (1 << 30)  /* that is hashed */
#define OKAP_CAP_IDENTITY_DIGESTS      256
#define OKAP_CAP_IDENTITY_ANCESTORS    32
#define OKAP_CAP_IDENTITY_KNOWN        64   /* processes that are pinned, to be known at once */
#define OKAP_CAP_IDENTITY_HOLDERS      32   /* of one connection; more are too many to look at */

/* Session bus: PROTOCOL section 4. Open requests take part in OKAP_CAP_PENDING_REQUESTS, too. */
#define OKAP_CAP_BUS_STRING_BYTES      1024  /* of an option, and of the parent window's name */
#define OKAP_CAP_BUS_OPEN              64
#define OKAP_CAP_BUS_OPEN_OF_CALLER    16
#define OKAP_CAP_BUS_ENDED             256  /* that can still be read */
#define OKAP_CAP_BUS_ENDED_OF_CALLER   8
#define OKAP_CAP_BUS_ENDED_S           60
#define OKAP_CAP_BUS_CALLS             64   /* of ListGrants and Revoke, at once */
#define OKAP_CAP_BUS_OWNERS            256  /* callers that are told of changes of their grants */
#define OKAP_CAP_BUS_OWNED             64   /* grants that one of them is told of */
#define OKAP_CAP_BUS_CALL_MS           5000 /* for the bus to answer us */

/* HTTP front: PROTOCOL section 5. */
#define OKAP_CAP_HEAD_BYTES            (32 * 1024)
#define OKAP_CAP_HEADERS               100
#define OKAP_CAP_CONNECTIONS           1024
#define OKAP_CAP_HEAD_TIMEOUT_S        10   /* from the first byte of a head to its last */
#define OKAP_CAP_IDENTIFY_TIMEOUT_S    10   /* in which it is known which program asks */
#define OKAP_CAP_IDLE_TIMEOUT_S        75   /* a kept connection without a request */
#define OKAP_CAP_BODY_TIMEOUT_S        60   /* a body of which nothing arrives */
#define OKAP_CAP_WRITE_TIMEOUT_S       120  /* an answer of which the client takes nothing */
#define OKAP_CAP_UNSENT_BYTES          (4 * 1024 * 1024)  /* of one answer, whoever writes it */
#define OKAP_CAP_LINGER_BYTES          (256 * 1024)  /* dropped, so that a refusal is seen */
#define OKAP_CAP_LINGER_S              1

/* Proxy. */
#define OKAP_CAP_PROXY_BODY_BYTES      (32 * 1024 * 1024)
#define OKAP_CAP_PROXY_BODIES_BYTES    (256 * 1024 * 1024)  /* all request bodies held at once */
#define OKAP_CAP_BATCH_FILES           256  /* uploaded files of requests that are remembered */
#define OKAP_CAP_BATCH_COPIES          128  /* answers that one request of a file may ask for */
#define OKAP_CAP_UPLOAD_ANSWER_BYTES   (16 * 1024)  /* in which an upload's name is looked for */
#define OKAP_CAP_BODY_DEPTH            64   /* nesting of a provider's JSON that we read */
#define OKAP_CAP_STREAM_WINDOW_BYTES   (64 * 1024)  /* unsent bytes at which upstream is paused */
#define OKAP_CAP_CONNECT_TIMEOUT_S     15
#define OKAP_CAP_UPSTREAM_SILENCE_S    600  /* thinking models are silent for minutes */
#define OKAP_CAP_JOB_BYTES             (16 * 1024)  /* what is kept of one on the disk */
#define OKAP_CAP_JOBS                  1024  /* batches, predictions and films that are open */

/* A table of prices, or the user's own. */
#define OKAP_CAP_PRICE_FILE_BYTES      (8 * 1024 * 1024)

/* Vault. */
#define OKAP_CAP_PROVIDER_KEY_BYTES    4096
#define OKAP_CAP_PASSPHRASE_BYTES      1024
#define OKAP_CAP_KEYS                  256
#define OKAP_CAP_LABEL_CHARS           64

/* Replacing a key: how long the new one is watched, by time or by calls, whichever ends first. */
#define OKAP_CAP_ROTATION_WATCH_S      600
#define OKAP_CAP_ROTATION_GOOD_CALLS   20
#define OKAP_CAP_KEY_COOLDOWN_S        3600  /* that a rate limit is believed to last */
#define OKAP_CAP_KEY_ERROR_BYTES       (64 * 1024)  /* of an error, held back until it is judged */

/* Grants that may exist at once, ended ones not counted. */
#define OKAP_CAP_GRANTS                4096

/* A grant that is bound to no program, because none could be identified, lives so long at most. */
#define OKAP_CAP_UNKNOWN_GRANT_S       (24 * 3600)

/* Bound tokens: programs that may use one grant beside the one that asked; tries of others that are
 * remembered, in all and of one grant's token; and how often a person is told of one grant. */
#define OKAP_CAP_OTHER_PROGRAMS        16
#define OKAP_CAP_MISUSES               64
#define OKAP_CAP_MISUSES_OF_GRANT      8
#define OKAP_CAP_MISUSE_TOLD           8     /* of one grant, in an hour */
#define OKAP_CAP_MISUSE_AGAIN_S        600   /* before the same program is told of again */

/* Store. */
#define OKAP_CAP_WORKER_JOBS           4096
#define OKAP_CAP_USAGE_QUEUE           65536  /* rows not yet written; a writer beyond them waits */
#define OKAP_CAP_USAGE_SERIES          256    /* summed apart, of one grant at one provider */
#define OKAP_CAP_USAGE_COUNT           G_GINT64_CONSTANT (1000000000000)  /* of a unit in a row */
#define OKAP_CAP_USAGE_TEXT_BYTES      512    /* of each name in a row */
#define OKAP_CAP_AUDIT_WAITING         256    /* audit lines kept in memory while locked */
#define OKAP_CAP_LIST_ROWS             10000  /* rows of usage or audit in one answer */
#define OKAP_CAP_ID_SPAN               G_GINT64_CONSTANT (1 << 26)  /* ids of one list: 8 MiB */
#define OKAP_CAP_SEARCH_BYTES          128    /* of what is looked for in a list */
#define OKAP_CAP_SEARCH_WORDS          8
