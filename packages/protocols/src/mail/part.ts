import { fileNameIn } from './file-names.js';
import type { Headers } from './headers.js';
import { parseParameters } from './parameters.js';

/** A part of a mail by what its header says, whichever protocol brought it. */
export interface Part {
  /** As IMAP counts (RFC 3501, section 6.4.5): `1.2`; a mail that is no multipart has the one part `1`; `''` is a multipart at the top. */
  readonly path: string;
  /** In lower case, without parameters: `application/pdf`. */
  readonly type: string;
  /** The file name as people see it in a mail client, NFC, not yet safe; absent where the mail gives none. */
  readonly name?: string;
  /** `attachment`, `inline` or another word, in lower case; absent where the mail says nothing. */
  readonly disposition?: string;
  /** An image that the text shows rather than a file that it brings along. */
  readonly inline: boolean;
  /** The transfer encoding in lower case, without comments and quotes: `base64`. `''` where the mail says nothing. */
  readonly encoding: string;
  /** Encoded octets, where they are known before the part has been read. */
  readonly size?: number;
  /** Without its angle brackets. */
  readonly contentId?: string;
  /** Of a text. */
  readonly charset?: string;
  /** Of a multipart: what separates its parts. As it came, one character a byte. */
  readonly boundary?: string;
  /** The multipart or the attached message that it is in; absent at the top. */
  readonly parent?: Part;
}

/** The fields of a part's header, as they came: one character a byte. */
export interface PartFields {
  readonly contentType?: string | undefined;
  readonly disposition?: string | undefined;
  readonly encoding?: string | undefined;
  readonly contentId?: string | undefined;
}

/** What a header says of the part that it is of. */
export function fieldsOf(headers: Headers): PartFields {
  return {
    contentType: headers.raw('content-type'),
    disposition: headers.raw('content-disposition'),
    encoding: headers.raw('content-transfer-encoding'),
    contentId: headers.raw('content-id'),
  };
}

/** A part from its header fields, for who has the bytes of the mail (POP3). `at.path` and `at.parent` say where it stands. */
export function partFromFields(
  fields: PartFields,
  at: { readonly path: string; readonly parent?: Part | undefined },
): Part {
  const isDigest = at.parent?.type === 'multipart/digest';
  const type = parseParameters(fields.contentType ?? (isDigest ? 'message/rfc822' : 'text/plain'));
  const disposition = parseParameters(fields.disposition ?? '');
  return partOf({
    path: at.path,
    type: type.value,
    typeParameters: type.parameters,
    disposition: disposition.value,
    dispositionParameters: disposition.parameters,
    encoding: fields.encoding,
    contentId: fields.contentId,
    parent: at.parent,
  });
}

/** A part from what a BODYSTRUCTURE says of it (IMAP), its parameters decoded by `decodeParameters`. */
export function partOf(found: {
  readonly path: string;
  readonly type: string;
  readonly typeParameters: ReadonlyMap<string, string>;
  readonly disposition?: string | undefined;
  readonly dispositionParameters: ReadonlyMap<string, string>;
  readonly encoding?: string | undefined;
  readonly size?: number | undefined;
  readonly contentId?: string | undefined;
  readonly parent?: Part | undefined;
}): Part {
  // A type that is none says nothing of the content, which must not be lost for it (RFC 2045, section 5.2).
  const wellFormed = TYPE.test(found.type);
  const type = wellFormed ? found.type : 'application/octet-stream';
  const name = fileNameIn(found.dispositionParameters, found.typeParameters);
  const disposition = found.disposition?.trim().toLowerCase() ?? '';
  const contentId = found.contentId?.trim().replace(/^<|>$/gu, '').slice(0, 500) ?? '';
  const charset = found.typeParameters.get('charset');
  const boundary = type.startsWith('multipart/') ? found.typeParameters.get('boundary') : undefined;
  return {
    path: found.path,
    type,
    ...(name !== undefined && { name }),
    ...(disposition !== '' && { disposition }),
    inline: isInline(type, disposition, contentId, found.parent),
    encoding: parseParameters(found.encoding?.replaceAll('"', '') ?? '').value,
    ...(found.size !== undefined && { size: found.size }),
    ...(contentId !== '' && { contentId }),
    ...(charset !== undefined && { charset }),
    ...(boundary !== undefined && { boundary }),
    ...(found.parent !== undefined && { parent: found.parent }),
  };
}

// RFC 2045, section 5.1: tokens on both sides.
const TYPE = /^[!#$%&'*+\-.^_`|~0-9a-z]{1,127}\/[!#$%&'*+\-.^_`|~0-9a-z]{1,127}$/u;

/** Only images: a PDF beside the text is a document, wherever a mail program has put it. */
function isInline(type: string, disposition: string, contentId: string, parent: Part | undefined): boolean {
  if (!type.startsWith('image/') || disposition === 'attachment') return false;
  return parent?.type === 'multipart/related' || (disposition === 'inline' && contentId !== '');
}
