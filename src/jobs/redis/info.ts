/** What a server says of itself. */

/** A field of INFO's answer; undefined where it has none of that name. */
export const infoField = (info: string, name: string): string | undefined =>
  new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
