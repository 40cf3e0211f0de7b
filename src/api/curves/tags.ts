/** Names of curves for tools that group them by what stands before a slash, as TensorBoard and MLflow do. */

/** A hyper's, of one of so many parameter groups. */
export const hyperTag = (name: string, group: number, groups: number): string =>
  groups > 1 ? `hypers/${name}/${group}` : `hypers/${name}`;
