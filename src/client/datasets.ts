/** Data sets: uploading, listing, deleting. */
import type { Http } from './http.js';
import type { Dataset, DatasetList } from './types.js';
import { uploadDataset } from './upload.js';
import type { DatasetUpload, Uploadable } from './uploadable.js';

/** Data sets of one service. */
export class Datasets {
  readonly #http: Http;

  /** @internal */
  constructor(http: Http) {
    this.#http = http;
  }

  /**
   * Uploads a file: CSV, JSON Lines, Parquet, Arrow, `.npy`, `.npz`, a zip or tar of pictures. The same bytes again are
   * the same data set. A Blob goes in parts, so that a lost connection loses no more than one; a stream goes in one go.
   * @throws OnecycleError `invalid_dataset` with what is wrong in the file
   */
  upload(file: Uploadable, options: DatasetUpload = {}): Promise<Dataset> {
    return uploadDataset(this.#http, file, options);
  }

  /** A page of data sets, the newest first. */
  list(query: { limit?: number; after?: string } = {}): Promise<DatasetList> {
    return this.#http.take(this.#http.api.GET('/datasets', { params: { query } }));
  }

  /** A data set: its columns or classes, and how it begins. */
  get(id: string): Promise<Dataset> {
    return this.#http.take(this.#http.api.GET('/datasets/{id}', { params: { path: { id } } }));
  }

  /** Picture `n` of a preview, as WebP. */
  async thumbnail(id: string, n: number): Promise<Blob> {
    return (await this.#http.send(`/datasets/${encodeURIComponent(id)}/thumbnails/${n}`)).blob();
  }

  /** Deletes a data set. @throws OnecycleError `dataset_in_use` while a job needs it */
  async delete(id: string): Promise<void> {
    await this.#http.take(this.#http.api.DELETE('/datasets/{id}', { params: { path: { id } } }));
  }
}
