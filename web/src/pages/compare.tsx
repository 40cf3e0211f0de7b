/** Several runs over one another. */
export function ComparePage() {
  return <h1>Several runs over one another.</h1>;
}
