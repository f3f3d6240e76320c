import { AppError } from '../kernel/errors.ts';

/** A body of a media type or coding that is not read here. */
export class UnsupportedMediaType extends AppError {
  readonly code = 'unsupported-media-type';
}

/** A path that is there, but not for this method; the `Allow` header says for which. */
export class MethodNotAllowed extends AppError {
  readonly code = 'method-not-allowed';
}

/** A path that nothing answers. */
export class NoSuchPage extends AppError {
  readonly code = 'not-found';

  constructor() {
    super('There is nothing at this address.');
  }
}

/** A selection that holds nothing: an empty file would say that there is something. */
export class NothingToExport extends AppError {
  readonly code = 'not-found';

  constructor() {
    super('No exchange matches, so there is nothing to export. Take a filter away, or send a call first.');
  }
}
