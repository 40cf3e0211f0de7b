/** A form that posts a job. */
export function NewJobPage() {
  return <h1>A form that posts a job.</h1>;
}
