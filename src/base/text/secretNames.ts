/** Hosted servers put keys into the path; words and versions are shorter, or have no digit. */
const KEY_LIKE = /^(?=.*\d)[\w.~%-]{16,}$/;

/** Whether a text looks like a key by itself: long, of one word, and with a digit. */
export const isKeyLike = (text: string): boolean => KEY_LIKE.test(text);

/** Part of a name by itself, as in `GH_PAT`, `apiKey` and `X-Auth`; the longer ones also within a word, as in `MYTOKEN`. */
const SECRET_NAME =
  /token(?!iz)|secret|passw|passphrase|api_?key|credential|cookie|key(?:s|$)|(?:^|_)(?:pat|pass|pwd|pw|key|auth|authorization|dsn|creds?|jwt|bearer|sas|sig)(?=$|_)/i;

/** Whether what a name (of a variable, an option, a query parameter) stands for is likely a secret. */
export const isSecretName = (name: string): boolean =>
  SECRET_NAME.test(name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[-.]/g, '_'));

/** Headers that say how to talk, not who one is. */
const PLAIN_HEADER = /^(?:accept(?:-.*)?|content-type|user-agent|cache-control|mcp-protocol-version)$/i;

/** Whether a header of this name says how to talk, and not who one is. */
export const isPlainHeader = (name: string): boolean => PLAIN_HEADER.test(name);
