/** All jobs. */
export function JobsPage() {
  return <h1>All jobs.</h1>;
}
