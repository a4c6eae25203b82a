/** The value of the first cookie of that name in a Cookie header (RFC 6265, section 5.4); '' for none. */
export const cookieValue = (header: string, name: string): string => {
  if (!header.includes(name)) return '';
  for (const part of header.split(';')) {
    const equals = part.indexOf('=');
    if (equals !== -1 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return '';
};
