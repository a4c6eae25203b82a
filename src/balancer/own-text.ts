/**
 * The same text with memory of its own. V8 keeps a part of a text as a view of the whole: a key that was cut
 * out of a head would keep all of that head for as long as the key is in a table.
 */
export const ownText = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le');
