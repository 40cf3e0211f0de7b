/** Workers and the queue. */
export function WorkersPage() {
  return <h1>Workers and the queue.</h1>;
}
