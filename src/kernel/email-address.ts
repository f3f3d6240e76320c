/** What an e-mail address looks like: enough to catch a slip, since only a letter that arrives proves one. */
export const EMAIL_ADDRESS = /^[^\s@<>"]+@[^\s@<>"]+$/;

/** The most that an e-mail address may have, in characters (RFC 5321, section 4.5.3.1.3). */
export const LONGEST_EMAIL = 254;
