/** Why a connection over TLS was not trusted, and what to do, by the code that Node gives. */

const signer =
  'its certificate is signed by nobody who is trusted here: name the certificate of your authority with sslrootcert=/path/of/ca.pem in the URL, or as ssl.ca of the pool that you give';
const name =
  'its certificate is for another host: connect by a name that is in it, or have it made for this one';
const time =
  'its certificate is not valid at this time: renew it, or look at the clock of this machine';

const advice: ReadonlyMap<unknown, string> = new Map([
  ['SELF_SIGNED_CERT_IN_CHAIN', signer],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', signer],
  ['UNABLE_TO_GET_ISSUER_CERT', signer],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', signer],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', signer],
  ['CERT_SIGNATURE_FAILURE', signer],
  ['CERT_UNTRUSTED', signer],
  ['ERR_TLS_CERT_ALTNAME_INVALID', name],
  ['HOSTNAME_MISMATCH', name],
  ['CERT_HAS_EXPIRED', time],
  ['CERT_NOT_YET_VALID', time],
]);

/** Undefined for what is no fault of a certificate. */
export function tlsFault(code: unknown): string | undefined {
  return advice.get(code);
}
