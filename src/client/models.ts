/** Models of one's own: posting, listing, deleting. */
import { withQuery, type Http } from './http.js';
import type { PostedModel } from './types.js';
import { sendFile } from './upload.js';
import type { Uploadable } from './uploadable.js';

/** Models that were posted to one service. */
export class Models {
  readonly #http: Http;

  /** @internal */
  constructor(http: Http) {
    this.#http = http;
  }

  /** Posts a zip of a LayersModel, safetensors, or a state_dict. @throws OnecycleError `invalid_model` */
  upload(file: Uploadable, { name, signal }: { name?: string; signal?: AbortSignal } = {}): Promise<PostedModel> {
    return sendFile<PostedModel>(this.#http, withQuery('/models', { name }), file, { signal });
  }

  /** All models, the newest first. */
  async list(): Promise<PostedModel[]> {
    return (await this.#http.take(this.#http.api.GET('/models'))).data;
  }

  /** A model: its layers, its tensors, and what cannot be taken over. */
  get(id: string): Promise<PostedModel> {
    return this.#http.take(this.#http.api.GET('/models/{id}', { params: { path: { id } } }));
  }

  /** Deletes a model. @throws OnecycleError `model_in_use` while a job needs it */
  async delete(id: string): Promise<void> {
    await this.#http.take(this.#http.api.DELETE('/models/{id}', { params: { path: { id } } }));
  }
}
