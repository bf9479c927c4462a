import { typeid } from 'typeid-js';

/** A new TypeID: `prefix`, an underscore and a UUIDv7 in base32, so that ids of one kind sort by their birth. */
export const newId = (prefix: string): string => typeid(prefix).toString();
