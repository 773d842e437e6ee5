/** What the name of an Actes file tells: `99_DE-034-491011698-20171207-CL20171227_06-DE-1-1_1.pdf`. */
export interface ActesName {
  /** `99_DE`: kind of document ("typologie"), of documents only. */
  readonly documentType?: string;
  readonly department?: string;
  readonly siren?: string;
  /** YYYY-MM-DD. */
  readonly date?: string;
  readonly number?: string;
  readonly natureAbbreviation?: string;
  /** `1-1`: which message it is, or belongs to. */
  readonly message: string;
  /** 0 is the message itself. */
  readonly index?: string;
}

/** Parts may be empty: `999-1234----1-1_0.xml`. */
const NAME =
  /^(?:([A-Z0-9]{2}_[A-Z0-9]{2})-)?([0-9]{2}[0-9AB])-([0-9]*)-([0-9]*)-([A-Za-z0-9_]*)-([A-Za-z]{0,2})-([0-9]-[0-9])(?:_([0-9]+))?\.[A-Za-z0-9]+$/u;

/** `undefined` for a name that does not follow the rule: it may still be a message. */
export function actesNameOf(name: string): ActesName | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  const [documentType, department, siren, day, number, nature, message, index] = match.slice(1).map(filled);
  if (message === undefined) return undefined;
  const date = /^(\d{4})(\d\d)(\d\d)$/u.exec(day ?? '');
  return {
    ...(documentType !== undefined && { documentType }),
    ...(department !== undefined && { department }),
    ...(siren !== undefined && { siren }),
    ...(date !== null && { date: date.slice(1).join('-') }),
    ...(number !== undefined && { number }),
    ...(nature !== undefined && { natureAbbreviation: nature.toUpperCase() }),
    message,
    ...(index !== undefined && { index }),
  };
}

function filled(part: string | undefined): string | undefined {
  return part === '' ? undefined : part;
}
