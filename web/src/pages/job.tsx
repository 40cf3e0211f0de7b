/** A job. */
export function JobPage() {
  return <h1>A job.</h1>;
}
