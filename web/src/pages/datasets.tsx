/** The data sets that were uploaded. */
export function DatasetsPage() {
  return <h1>The data sets that were uploaded.</h1>;
}
