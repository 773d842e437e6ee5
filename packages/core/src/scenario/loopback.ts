/**
 * Whether what is sent to this host never leaves this machine.
 * @param host - a name or address, as it is written alone or in a URL
 */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/iu.test(host);
}
