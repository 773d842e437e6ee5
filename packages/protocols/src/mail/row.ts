import type { ImapRow, OAuth, PopRow, ProtocolContext } from '@lanceur/core/scenario';
import type { MailDocuments } from './choose.js';
import type { MailCredentials } from './credentials.js';
import { clientCredentials, refreshTokens, type TokenFunction } from './oauth.js';
import type { MailServer } from './server.js';

interface MailboxOptions extends MailServer, MailCredentials {
  readonly documents?: MailDocuments;
  readonly from?: 'now' | Date;
  readonly sizes?: 'exact' | 'estimated';
  readonly largestMail?: number;
}

/** What `imap()` and `pop3()` take alike, from a row of a scenario. */
export function mailboxOf(row: ImapRow | PopRow, context: ProtocolContext): MailboxOptions {
  const { host, port, tls, caFile, serverName, allowClearText, user, password, oauth } = row;
  const { documents, since, sizes, largestMail } = row;
  return {
    host,
    user,
    ...(port !== undefined && { port }),
    ...(tls !== undefined && { tls }),
    ...(caFile !== undefined && { ca: context.certificates(caFile) }),
    ...(serverName !== undefined && { serverName }),
    ...(allowClearText !== undefined && { passwordInClear: allowClearText }),
    ...(password !== undefined && { password: context.secret(password) }),
    ...(oauth !== undefined && { accessToken: tokensOf(oauth, context) }),
    ...(documents !== undefined && { documents }),
    ...(since !== undefined && { from: since === 'now' ? since : new Date(`${since}T00:00:00`) }),
    ...(sizes !== undefined && { sizes }),
    ...(largestMail !== undefined && { largestMail }),
  };
}

function tokensOf(
  { tokenEndpoint, clientId, clientSecret, refreshToken, scope }: OAuth,
  { secret, keeperOf, clock }: ProtocolContext,
): TokenFunction {
  const options = {
    tokenEndpoint,
    clientId,
    ...(clientSecret !== undefined && { clientSecret: secret(clientSecret) }),
    ...(scope !== undefined && { scope }),
    ...(clock !== undefined && { clock }),
  };
  if (refreshToken === undefined) return clientCredentials(options);
  const keep = keeperOf(refreshToken);
  return refreshTokens({
    ...options,
    refreshToken: secret(refreshToken),
    ...(keep !== undefined && { onRotated: keep }),
  });
}
