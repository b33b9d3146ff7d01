/** SHA-256 of a text, in hexadecimal digits. */
export type Hash = (text: string) => string;
