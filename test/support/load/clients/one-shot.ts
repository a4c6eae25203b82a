/** One connection, one request, `Connection: close`. */
import { openConnection } from '../connection.ts';
import type { Exchange } from '../connection.ts';
import type { LoadProfile } from '../profile.ts';
import { encodeRequest } from '../requests.ts';
import type { TallyBook } from '../tally.ts';

export const sendOneShot = (profile: LoadProfile, book: TallyBook, exchange: Exchange): void => {
  const connection = openConnection(profile, book);
  connection.expect([exchange]);
  connection.socket.write(encodeRequest(exchange.request, 'close'));
};
