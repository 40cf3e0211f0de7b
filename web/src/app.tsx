/** The frame around every page, and which page it is. */
import type { FunctionComponent } from 'preact';
import { href, route } from './state/route.js';
import { ComparePage } from './pages/compare.js';
import { DatasetsPage } from './pages/datasets.js';
import { JobPage } from './pages/job.js';
import { JobsPage } from './pages/jobs.js';
import { NewJobPage } from './pages/new-job.js';
import { WorkersPage } from './pages/workers.js';

/** The pages by the first part of the path. */
const pages: Readonly<Record<string, FunctionComponent | undefined>> = {
  new: NewJobPage,
  compare: ComparePage,
  data: DatasetsPage,
  workers: WorkersPage,
};

/** The whole page. */
export function App() {
  const { path } = route.value;
  const name = path.at(0) ?? 'jobs';
  const Page = name === 'jobs' ? (path.length < 2 ? JobsPage : JobPage) : (pages[name] ?? JobsPage);
  return (
    <>
      <header>
        <nav aria-label="Pages">
          <a href={href(['jobs'])}>Jobs</a>
          <a href={href(['new'])}>New job</a>
          <a href={href(['compare'])}>Compare</a>
          <a href={href(['data'])}>Data</a>
          <a href={href(['workers'])}>Workers</a>
          <a href="/docs">API</a>
        </nav>
      </header>
      <main>
        <Page />
      </main>
    </>
  );
}
