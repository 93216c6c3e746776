import { createApi, type ApiOptions } from './api.ts'
import { createLogger } from '../logger.ts'

/** The OpenAPI document of the whole web, made from the route schemas; nothing is opened for it. */
export async function describeApi(): Promise<object> {
  const unused = (): never => {
    throw new Error('the API is only described here')
  }
  const api = await createApi({
    log: createLogger('silent'),
    limits: { bodyBytes: 1, partHeaderBytes: 1, parts: 1 },
    record: {} as ApiOptions['record'],
    archive: {} as ApiOptions['archive'],
    pictures: {} as ApiOptions['pictures'],
    models: [],
    register: unused,
    unready: unused,
    now: unused,
    about: {},
  })
  try {
    await api.ready()
    return api.swagger()
  } finally {
    await api.close()
  }
}
