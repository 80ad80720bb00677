import { createRequire as __WEBPACK_EXTERNAL_createRequire } from "module";
/******/ var __webpack_modules__ = ({

/***/ 653:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const { addAbortListener } = __nccwpck_require__(9145)
const { RequestAbortedError } = __nccwpck_require__(9526)

const kListener = Symbol('kListener')
const kSignal = Symbol('kSignal')

function abort (self) {
  if (self.abort) {
    self.abort(self[kSignal]?.reason)
  } else {
    self.reason = self[kSignal]?.reason ?? new RequestAbortedError()
  }
  removeSignal(self)
}

function addSignal (self, signal) {
  self.reason = null

  self[kSignal] = null
  self[kListener] = null

  if (!signal) {
    return
  }

  if (signal.aborted) {
    abort(self)
    return
  }

  self[kSignal] = signal
  self[kListener] = () => {
    abort(self)
  }

  addAbortListener(self[kSignal], self[kListener])
}

function removeSignal (self) {
  if (!self[kSignal]) {
    return
  }

  if ('removeEventListener' in self[kSignal]) {
    self[kSignal].removeEventListener('abort', self[kListener])
  } else {
    self[kSignal].removeListener('abort', self[kListener])
  }

  self[kSignal] = null
  self[kListener] = null
}

module.exports = {
  addSignal,
  removeSignal
}


/***/ }),

/***/ 6353:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const assert = __nccwpck_require__(4589)
const { AsyncResource } = __nccwpck_require__(6698)
const { InvalidArgumentError, SocketError } = __nccwpck_require__(9526)
const util = __nccwpck_require__(9145)
const { addSignal, removeSignal } = __nccwpck_require__(653)

class ConnectHandler extends AsyncResource {
  constructor (opts, callback) {
    if (!opts || typeof opts !== 'object') {
      throw new InvalidArgumentError('invalid opts')
    }

    if (typeof callback !== 'function') {
      throw new InvalidArgumentError('invalid callback')
    }

    const { signal, opaque, responseHeaders } = opts

    if (signal && typeof signal.on !== 'function' && typeof signal.addEventListener !== 'function') {
      throw new InvalidArgumentError('signal must be an EventEmitter or EventTarget')
    }

    super('UNDICI_CONNECT')

    this.opaque = opaque || null
    this.responseHeaders = responseHeaders || null
    this.callback = callback
    this.abort = null

    addSignal(this, signal)
  }

  onConnect (abort, context) {
    if (this.reason) {
      abort(this.reason)
      return
    }

    assert(this.callback)

    this.abort = abort
    this.context = context
  }

  onHeaders () {
    throw new SocketError('bad connect', null)
  }

  onUpgrade (statusCode, rawHeaders, socket) {
    const { callback, opaque, context } = this

    removeSignal(this)

    this.callback = null

    let headers = rawHeaders
    // Indicates is an HTTP2Session
    if (headers != null) {
      headers = this.responseHeaders === 'raw' ? util.parseRawHeaders(rawHeaders) : util.parseHeaders(rawHeaders)
    }

    this.runInAsyncScope(callback, null, null, {
      statusCode,
      headers,
      socket,
      opaque,
      context
    })
  }

  onError (err) {
    const { callback, opaque } = this

    removeSignal(this)

    if (callback) {
      this.callback = null
      queueMicrotask(() => {
        this.runInAsyncScope(callback, null, err, { opaque })
      })
    }
  }
}

function connect (opts, callback) {
  if (callback === undefined) {
    return new Promise((resolve, reject) => {
      connect.call(this, opts, (err, data) => {
        return err ? reject(err) : resolve(data)
      })
    })
  }

  try {
    const connectHandler = new ConnectHandler(opts, callback)
    const connectOptions = { ...opts, method: 'CONNECT' }

    this.dispatch(connectOptions, connectHandler)
  } catch (err) {
    if (typeof callback !== 'function') {
      throw err
    }
    const opaque = opts?.opaque
    queueMicrotask(() => callback(err, { opaque }))
  }
}

module.exports = connect


/***/ }),

/***/ 6818:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const assert = __nccwpck_require__(4589)
const { AsyncResource } = __nccwpck_require__(6698)
const { Readable } = __nccwpck_require__(8364)
const { InvalidArgumentError, RequestAbortedError } = __nccwpck_require__(9526)
const util = __nccwpck_require__(9145)

function noop () {}

class RequestHandler extends AsyncResource {
  constructor (opts, callback) {
    if (!opts || typeof opts !== 'object') {
      throw new InvalidArgumentError('invalid opts')
    }

    const { signal, method, opaque, body, onInfo, responseHeaders, highWaterMark } = opts

    try {
      if (typeof callback !== 'function') {
        throw new InvalidArgumentError('invalid callback')
      }

      if (highWaterMark != null && (!Number.isFinite(highWaterMark) || highWaterMark < 0)) {
        throw new InvalidArgumentError('invalid highWaterMark')
      }

      if (signal && typeof signal.on !== 'function' && typeof signal.addEventListener !== 'function') {
        throw new InvalidArgumentError('signal must be an EventEmitter or EventTarget')
      }

      if (method === 'CONNECT') {
        throw new InvalidArgumentError('invalid method')
      }

      if (onInfo && typeof onInfo !== 'function') {
        throw new InvalidArgumentError('invalid onInfo callback')
      }

      super('UNDICI_REQUEST')
    } catch (err) {
      if (util.isStream(body)) {
        util.destroy(body.on('error', noop), err)
      }
      throw err
    }

    this.method = method
    this.responseHeaders = responseHeaders || null
    this.opaque = opaque || null
    this.callback = callback
    this.res = null
    this.abort = null
    this.body = body
    this.trailers = {}
    this.context = null
    this.onInfo = onInfo || null
    this.highWaterMark = highWaterMark
    this.reason = null
    this.removeAbortListener = null

    if (signal?.aborted) {
      this.reason = signal.reason ?? new RequestAbortedError()
    } else if (signal) {
      this.removeAbortListener = util.addAbortListener(signal, () => {
        this.reason = signal.reason ?? new RequestAbortedError()
        if (this.res) {
          util.destroy(this.res.on('error', noop), this.reason)
        } else if (this.abort) {
          this.abort(this.reason)
        }
      })
    }
  }

  onConnect (abort, context) {
    if (this.reason) {
      abort(this.reason)
      return
    }

    assert(this.callback)

    this.abort = abort
    this.context = context
  }

  onHeaders (statusCode, rawHeaders, resume, statusMessage) {
    const { callback, opaque, abort, context, responseHeaders, highWaterMark } = this

    const headers = responseHeaders === 'raw' ? util.parseRawHeaders(rawHeaders) : util.parseHeaders(rawHeaders)

    if (statusCode < 200) {
      if (this.onInfo) {
        this.onInfo({ statusCode, headers })
      }
      return
    }

    const parsedHeaders = responseHeaders === 'raw' ? util.parseHeaders(rawHeaders) : headers
    const contentType = parsedHeaders['content-type']
    const contentLength = parsedHeaders['content-length']
    const res = new Readable({
      resume,
      abort,
      contentType,
      contentLength: this.method !== 'HEAD' && contentLength
        ? Number(contentLength)
        : null,
      highWaterMark
    })

    if (this.removeAbortListener) {
      res.on('close', this.removeAbortListener)
      this.removeAbortListener = null
    }

    this.callback = null
    this.res = res
    if (callback !== null) {
      try {
        this.runInAsyncScope(callback, null, null, {
          statusCode,
          statusText: statusMessage,
          headers,
          trailers: this.trailers,
          opaque,
          body: res,
          context
        })
      } catch (err) {
        // If the callback throws synchronously, we need to handle it
        // Remove reference to res to allow res being garbage collected
        this.res = null

        // Destroy the response stream
        util.destroy(res.on('error', noop), err)

        // Use queueMicrotask to re-throw the error so it reaches uncaughtException
        queueMicrotask(() => {
          throw err
        })
      }
    }
  }

  onData (chunk) {
    return this.res.push(chunk)
  }

  onComplete (trailers) {
    util.parseHeaders(trailers, this.trailers)
    this.res.push(null)
  }

  onError (err) {
    const { res, callback, body, opaque } = this

    if (callback) {
      // TODO: Does this need queueMicrotask?
      this.callback = null
      queueMicrotask(() => {
        this.runInAsyncScope(callback, null, err, { opaque })
      })
    }

    if (res) {
      this.res = null
      // Ensure all queued handlers are invoked before destroying res.
      queueMicrotask(() => {
        util.destroy(res.on('error', noop), err)
      })
    }

    if (body) {
      this.body = null

      if (util.isStream(body)) {
        body.on('error', noop)
        util.destroy(body, err)
      }
    }

    if (this.removeAbortListener) {
      this.removeAbortListener()
      this.removeAbortListener = null
    }
  }
}

function request (opts, callback) {
  if (callback === undefined) {
    return new Promise((resolve, reject) => {
      request.call(this, opts, (err, data) => {
        return err ? reject(err) : resolve(data)
      })
    })
  }

  try {
    const handler = new RequestHandler(opts, callback)

    this.dispatch(opts, handler)
  } catch (err) {
    if (typeof callback !== 'function') {
      throw err
    }
    const opaque = opts?.opaque
    queueMicrotask(() => callback(err, { opaque }))
  }
}

module.exports = request
module.exports.RequestHandler = RequestHandler


/***/ }),

/***/ 8364:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const assert = __nccwpck_require__(4589)
const { Readable } = __nccwpck_require__(7075)
const { RequestAbortedError, NotSupportedError, InvalidArgumentError, AbortError } = __nccwpck_require__(9526)
const util = __nccwpck_require__(9145)
const { ReadableStreamFrom } = __nccwpck_require__(9145)

const kConsume = Symbol('kConsume')
const kReading = Symbol('kReading')
const kBody = Symbol('kBody')
const kAbort = Symbol('kAbort')
const kContentType = Symbol('kContentType')
const kContentLength = Symbol('kContentLength')
const kUsed = Symbol('kUsed')
const kBytesRead = Symbol('kBytesRead')

const noop = () => {}

/**
 * @class
 * @extends {Readable}
 * @see https://fetch.spec.whatwg.org/#body
 */
class BodyReadable extends Readable {
  /**
   * @param {object} opts
   * @param {(this: Readable, size: number) => void} opts.resume
   * @param {() => (void | null)} opts.abort
   * @param {string} [opts.contentType = '']
   * @param {number} [opts.contentLength]
   * @param {number} [opts.highWaterMark = 64 * 1024]
   */
  constructor ({
    resume,
    abort,
    contentType = '',
    contentLength,
    highWaterMark = 64 * 1024 // Same as nodejs fs streams.
  }) {
    super({
      autoDestroy: true,
      read: resume,
      highWaterMark
    })

    this._readableState.dataEmitted = false

    this[kAbort] = abort

    /** @type {Consume | null} */
    this[kConsume] = null

    /** @type {number} */
    this[kBytesRead] = 0

    /** @type {ReadableStream|null} */
    this[kBody] = null

    /** @type {boolean} */
    this[kUsed] = false

    /** @type {string} */
    this[kContentType] = contentType

    /** @type {number|null} */
    this[kContentLength] = Number.isFinite(contentLength) ? contentLength : null

    /**
     * Is stream being consumed through Readable API?
     * This is an optimization so that we avoid checking
     * for 'data' and 'readable' listeners in the hot path
     * inside push().
     *
     * @type {boolean}
     */
    this[kReading] = false
  }

  /**
   * @param {Error|null} err
   * @param {(error:(Error|null)) => void} callback
   * @returns {void}
   */
  _destroy (err, callback) {
    if (!err && !this._readableState.endEmitted) {
      err = new RequestAbortedError()
    }

    if (err) {
      this[kAbort]()
    }

    // Workaround for Node "bug". If the stream is destroyed in same
    // tick as it is created, then a user who is waiting for a
    // promise (i.e micro tick) for installing an 'error' listener will
    // never get a chance and will always encounter an unhandled exception.
    if (!this[kUsed]) {
      setImmediate(callback, err)
    } else {
      callback(err)
    }
  }

  /**
   * @param {string|symbol} event
   * @param {(...args: any[]) => void} listener
   * @returns {this}
   */
  on (event, listener) {
    if (event === 'data' || event === 'readable') {
      this[kReading] = true
      this[kUsed] = true
    }
    return super.on(event, listener)
  }

  /**
   * @param {string|symbol} event
   * @param {(...args: any[]) => void} listener
   * @returns {this}
   */
  addListener (event, listener) {
    return this.on(event, listener)
  }

  /**
   * @param {string|symbol} event
   * @param {(...args: any[]) => void} listener
   * @returns {this}
   */
  off (event, listener) {
    const ret = super.off(event, listener)
    if (event === 'data' || event === 'readable') {
      this[kReading] = (
        this.listenerCount('data') > 0 ||
        this.listenerCount('readable') > 0
      )
    }
    return ret
  }

  /**
   * @param {string|symbol} event
   * @param {(...args: any[]) => void} listener
   * @returns {this}
   */
  removeListener (event, listener) {
    return this.off(event, listener)
  }

  /**
   * @param {Buffer|null} chunk
   * @returns {boolean}
   */
  push (chunk) {
    if (chunk) {
      this[kBytesRead] += chunk.length
      if (this[kConsume]) {
        consumePush(this[kConsume], chunk)
        return this[kReading] ? super.push(chunk) : true
      }
    }

    return super.push(chunk)
  }

  /**
   * Consumes and returns the body as a string.
   *
   * @see https://fetch.spec.whatwg.org/#dom-body-text
   * @returns {Promise<string>}
   */
  text () {
    return consume(this, 'text')
  }

  /**
   * Consumes and returns the body as a JavaScript Object.
   *
   * @see https://fetch.spec.whatwg.org/#dom-body-json
   * @returns {Promise<unknown>}
   */
  json () {
    return consume(this, 'json')
  }

  /**
   * Consumes and returns the body as a Blob
   *
   * @see https://fetch.spec.whatwg.org/#dom-body-blob
   * @returns {Promise<Blob>}
   */
  blob () {
    return consume(this, 'blob')
  }

  /**
   * Consumes and returns the body as an Uint8Array.
   *
   * @see https://fetch.spec.whatwg.org/#dom-body-bytes
   * @returns {Promise<Uint8Array>}
   */
  bytes () {
    return consume(this, 'bytes')
  }

  /**
   * Consumes and returns the body as an ArrayBuffer.
   *
   * @see https://fetch.spec.whatwg.org/#dom-body-arraybuffer
   * @returns {Promise<ArrayBuffer>}
   */
  arrayBuffer () {
    return consume(this, 'arrayBuffer')
  }

  /**
   * Not implemented
   *
   * @see https://fetch.spec.whatwg.org/#dom-body-formdata
   * @throws {NotSupportedError}
   */
  async formData () {
    // TODO: Implement.
    throw new NotSupportedError()
  }

  /**
   * Returns true if the body is not null and the body has been consumed.
   * Otherwise, returns false.
   *
   * @see https://fetch.spec.whatwg.org/#dom-body-bodyused
   * @readonly
   * @returns {boolean}
   */
  get bodyUsed () {
    return util.isDisturbed(this)
  }

  /**
   * @see https://fetch.spec.whatwg.org/#dom-body-body
   * @readonly
   * @returns {ReadableStream}
   */
  get body () {
    if (!this[kBody]) {
      this[kBody] = ReadableStreamFrom(this)
      if (this[kConsume]) {
        // TODO: Is this the best way to force a lock?
        this[kBody].getReader() // Ensure stream is locked.
        assert(this[kBody].locked)
      }
    }
    return this[kBody]
  }

  /**
   * Dumps the response body by reading `limit` number of bytes.
   * @param {object} opts
   * @param {number} [opts.limit = 131072] Number of bytes to read.
   * @param {AbortSignal} [opts.signal] An AbortSignal to cancel the dump.
   * @returns {Promise<null>}
   */
  dump (opts) {
    const signal = opts?.signal

    if (signal != null && (typeof signal !== 'object' || !('aborted' in signal))) {
      return Promise.reject(new InvalidArgumentError('signal must be an AbortSignal'))
    }

    const limit = opts?.limit && Number.isFinite(opts.limit)
      ? opts.limit
      : 128 * 1024

    if (signal?.aborted) {
      return Promise.reject(signal.reason ?? new AbortError())
    }

    if (this._readableState.closeEmitted) {
      return Promise.resolve(null)
    }

    return new Promise((resolve, reject) => {
      if (
        (this[kContentLength] && (this[kContentLength] > limit)) ||
        this[kBytesRead] > limit
      ) {
        this.destroy(new AbortError())
      }

      if (signal) {
        const onAbort = () => {
          this.destroy(signal.reason ?? new AbortError())
        }
        signal.addEventListener('abort', onAbort)
        this
          .on('close', function () {
            signal.removeEventListener('abort', onAbort)
            if (signal.aborted) {
              reject(signal.reason ?? new AbortError())
            } else {
              resolve(null)
            }
          })
      } else {
        this.on('close', resolve)
      }

      this
        .on('error', noop)
        .on('data', () => {
          if (this[kBytesRead] > limit) {
            this.destroy()
          }
        })
        .resume()
    })
  }

  /**
   * @param {BufferEncoding} encoding
   * @returns {this}
   */
  setEncoding (encoding) {
    if (Buffer.isEncoding(encoding)) {
      this._readableState.encoding = encoding
    }
    return this
  }
}

/**
 * @see https://streams.spec.whatwg.org/#readablestream-locked
 * @param {BodyReadable} bodyReadable
 * @returns {boolean}
 */
function isLocked (bodyReadable) {
  // Consume is an implicit lock.
  return bodyReadable[kBody]?.locked === true || bodyReadable[kConsume] !== null
}

/**
 * @see https://fetch.spec.whatwg.org/#body-unusable
 * @param {BodyReadable} bodyReadable
 * @returns {boolean}
 */
function isUnusable (bodyReadable) {
  return util.isDisturbed(bodyReadable) || isLocked(bodyReadable)
}

/**
 * @typedef {'text' | 'json' | 'blob' | 'bytes' | 'arrayBuffer'} ConsumeType
 */

/**
 * @template {ConsumeType} T
 * @typedef {T extends 'text' ? string :
 *           T extends 'json' ? unknown :
 *           T extends 'blob' ? Blob :
 *           T extends 'arrayBuffer' ? ArrayBuffer :
 *           T extends 'bytes' ? Uint8Array :
 *           never
 * } ConsumeReturnType
 */
/**
 * @typedef {object} Consume
 * @property {ConsumeType} type
 * @property {BodyReadable} stream
 * @property {((value?: any) => void)} resolve
 * @property {((err: Error) => void)} reject
 * @property {number} length
 * @property {Buffer[]} body
 */

/**
 * @template {ConsumeType} T
 * @param {BodyReadable} stream
 * @param {T} type
 * @returns {Promise<ConsumeReturnType<T>>}
 */
function consume (stream, type) {
  assert(!stream[kConsume])

  return new Promise((resolve, reject) => {
    if (isUnusable(stream)) {
      const rState = stream._readableState
      if (rState.destroyed && rState.closeEmitted === false) {
        stream
          .on('error', reject)
          .on('close', () => {
            reject(new TypeError('unusable'))
          })
      } else {
        reject(rState.errored ?? new TypeError('unusable'))
      }
    } else {
      queueMicrotask(() => {
        stream[kConsume] = {
          type,
          stream,
          resolve,
          reject,
          length: 0,
          body: []
        }

        stream
          .on('error', function (err) {
            consumeFinish(this[kConsume], err)
          })
          .on('close', function () {
            if (this[kConsume].body !== null) {
              consumeFinish(this[kConsume], new RequestAbortedError())
            }
          })

        consumeStart(stream[kConsume])
      })
    }
  })
}

/**
 * @param {Consume} consume
 * @returns {void}
 */
function consumeStart (consume) {
  if (consume.body === null) {
    return
  }

  const { _readableState: state } = consume.stream

  if (state.bufferIndex) {
    const start = state.bufferIndex
    const end = state.buffer.length
    for (let n = start; n < end; n++) {
      consumePush(consume, state.buffer[n])
    }
  } else {
    for (const chunk of state.buffer) {
      consumePush(consume, chunk)
    }
  }

  if (state.endEmitted) {
    consumeEnd(this[kConsume], this._readableState.encoding)
  } else {
    consume.stream.on('end', function () {
      consumeEnd(this[kConsume], this._readableState.encoding)
    })
  }

  consume.stream.resume()

  while (consume.stream.read() != null) {
    // Loop
  }
}

/**
 * @param {Buffer[]} chunks
 * @param {number} length
 * @param {BufferEncoding} [encoding='utf8']
 * @returns {string}
 */
function chunksDecode (chunks, length, encoding) {
  if (chunks.length === 0 || length === 0) {
    return ''
  }
  const buffer = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length)
  const bufferLength = buffer.length

  // Skip BOM.
  const start =
    bufferLength > 2 &&
    buffer[0] === 0xef &&
    buffer[1] === 0xbb &&
    buffer[2] === 0xbf
      ? 3
      : 0
  if (!encoding || encoding === 'utf8' || encoding === 'utf-8') {
    return buffer.utf8Slice(start, bufferLength)
  } else {
    return buffer.subarray(start, bufferLength).toString(encoding)
  }
}

/**
 * @param {Buffer[]} chunks
 * @param {number} length
 * @returns {Uint8Array}
 */
function chunksConcat (chunks, length) {
  if (chunks.length === 0 || length === 0) {
    return new Uint8Array(0)
  }
  if (chunks.length === 1) {
    // fast-path
    return new Uint8Array(chunks[0])
  }
  const buffer = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)

  let offset = 0
  for (let i = 0; i < chunks.length; ++i) {
    const chunk = chunks[i]
    buffer.set(chunk, offset)
    offset += chunk.length
  }

  return buffer
}

/**
 * @param {Consume} consume
 * @param {BufferEncoding} encoding
 * @returns {void}
 */
function consumeEnd (consume, encoding) {
  const { type, body, resolve, stream, length } = consume

  try {
    if (type === 'text') {
      resolve(chunksDecode(body, length, encoding))
    } else if (type === 'json') {
      resolve(JSON.parse(chunksDecode(body, length, encoding)))
    } else if (type === 'arrayBuffer') {
      resolve(chunksConcat(body, length).buffer)
    } else if (type === 'blob') {
      resolve(new Blob(body, { type: stream[kContentType] }))
    } else if (type === 'bytes') {
      resolve(chunksConcat(body, length))
    }

    consumeFinish(consume)
  } catch (err) {
    stream.destroy(err)
  }
}

/**
 * @param {Consume} consume
 * @param {Buffer} chunk
 * @returns {void}
 */
function consumePush (consume, chunk) {
  consume.length += chunk.length
  consume.body.push(chunk)
}

/**
 * @param {Consume} consume
 * @param {Error} [err]
 * @returns {void}
 */
function consumeFinish (consume, err) {
  if (consume.body === null) {
    return
  }

  if (err) {
    consume.reject(err)
  } else {
    consume.resolve()
  }

  // Reset the consume object to allow for garbage collection.
  consume.type = null
  consume.stream = null
  consume.resolve = null
  consume.reject = null
  consume.length = 0
  consume.body = null
}

module.exports = {
  Readable: BodyReadable,
  chunksDecode
}


/***/ }),

/***/ 511:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const net = __nccwpck_require__(7030)
const assert = __nccwpck_require__(4589)
const util = __nccwpck_require__(9145)
const { InvalidArgumentError } = __nccwpck_require__(9526)

let tls // include tls conditionally since it is not always available

// TODO: session re-use does not wait for the first
// connection to resolve the session and might therefore
// resolve the same servername multiple times even when
// re-use is enabled.

const SessionCache = class WeakSessionCache {
  constructor (maxCachedSessions) {
    this._maxCachedSessions = maxCachedSessions
    this._sessionCache = new Map()
    this._sessionRegistry = new FinalizationRegistry((key) => {
      if (this._sessionCache.size < this._maxCachedSessions) {
        return
      }

      const ref = this._sessionCache.get(key)
      if (ref !== undefined && ref.deref() === undefined) {
        this._sessionCache.delete(key)
      }
    })
  }

  get (sessionKey) {
    const ref = this._sessionCache.get(sessionKey)
    return ref ? ref.deref() : null
  }

  set (sessionKey, session) {
    if (this._maxCachedSessions === 0) {
      return
    }

    if (this._sessionCache.has(sessionKey)) {
      this._sessionCache.delete(sessionKey)
    } else if (this._sessionCache.size >= this._maxCachedSessions) {
      // Make room for the new session: prefer an entry whose session has
      // already been collected, otherwise evict the oldest one.
      let evicted = false
      for (const [key, ref] of this._sessionCache) {
        if (ref.deref() === undefined) {
          this._sessionCache.delete(key)
          evicted = true
          break
        }
      }

      if (!evicted) {
        const oldest = this._sessionCache.keys().next()
        if (!oldest.done) {
          this._sessionCache.delete(oldest.value)
        }
      }
    }

    this._sessionCache.set(sessionKey, new WeakRef(session))
    this._sessionRegistry.register(session, sessionKey)
  }
}

function buildConnector ({ allowH2, useH2c, maxCachedSessions, socketPath, timeout, session: customSession, ...opts }) {
  if (maxCachedSessions != null && (!Number.isInteger(maxCachedSessions) || maxCachedSessions < 0)) {
    throw new InvalidArgumentError('maxCachedSessions must be a positive integer or zero')
  }

  const options = { path: socketPath, ...opts }
  const sessionCache = new SessionCache(maxCachedSessions == null ? 100 : maxCachedSessions)
  timeout = timeout == null ? 10e3 : timeout
  allowH2 = allowH2 != null ? allowH2 : false
  return function connect ({ hostname, host, protocol, port, servername, localAddress, httpSocket }, callback) {
    let socket
    if (protocol === 'https:') {
      if (!tls) {
        tls = __nccwpck_require__(1692)
      }
      servername = servername || options.servername || util.getServerName(host) || null

      const sessionKey = servername || hostname
      assert(sessionKey)

      const session = customSession || sessionCache.get(sessionKey) || null

      port = port || 443

      socket = tls.connect({
        highWaterMark: 16384, // TLS in node can't have bigger HWM anyway...
        ...options,
        servername,
        session,
        localAddress,
        ALPNProtocols: allowH2 ? ['http/1.1', 'h2'] : ['http/1.1'],
        socket: httpSocket, // upgrade socket connection
        port,
        host: hostname
      })

      socket
        .on('session', function (session) {
          // TODO (fix): Can a session become invalid once established? Don't think so?
          sessionCache.set(sessionKey, session)
        })
    } else {
      assert(!httpSocket, 'httpSocket can only be sent on TLS update')

      port = port || 80

      socket = net.connect({
        highWaterMark: 64 * 1024, // Same as nodejs fs streams.
        ...options,
        localAddress,
        port,
        host: hostname
      })
      if (useH2c === true) {
        socket.alpnProtocol = 'h2'
      }
    }

    // Set TCP keep alive options on the socket here instead of in connect() for the case of assigning the socket
    if (options.keepAlive == null || options.keepAlive) {
      const keepAliveInitialDelay = options.keepAliveInitialDelay === undefined ? 60e3 : options.keepAliveInitialDelay
      socket.setKeepAlive(true, keepAliveInitialDelay)
    }

    const clearConnectTimeout = util.setupConnectTimeout(new WeakRef(socket), { timeout, hostname, port })

    socket
      .setNoDelay(true)
      .once(protocol === 'https:' ? 'secureConnect' : 'connect', function () {
        queueMicrotask(clearConnectTimeout)

        if (callback) {
          const cb = callback
          callback = null
          cb(null, this)
        }
      })
      .on('error', function (err) {
        queueMicrotask(clearConnectTimeout)

        if (callback) {
          const cb = callback
          callback = null
          cb(err)
        }
      })

    return socket
  }
}

module.exports = buildConnector


/***/ }),

/***/ 9864:
/***/ ((module) => {



/**
 * @see https://developer.mozilla.org/docs/Web/HTTP/Headers
 */
const wellknownHeaderNames = /** @type {const} */ ([
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'Accept-Ranges',
  'Access-Control-Allow-Credentials',
  'Access-Control-Allow-Headers',
  'Access-Control-Allow-Methods',
  'Access-Control-Allow-Origin',
  'Access-Control-Expose-Headers',
  'Access-Control-Max-Age',
  'Access-Control-Request-Headers',
  'Access-Control-Request-Method',
  'Age',
  'Allow',
  'Alt-Svc',
  'Alt-Used',
  'Authorization',
  'Cache-Control',
  'Clear-Site-Data',
  'Connection',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Language',
  'Content-Length',
  'Content-Location',
  'Content-Range',
  'Content-Security-Policy',
  'Content-Security-Policy-Report-Only',
  'Content-Type',
  'Cookie',
  'Cross-Origin-Embedder-Policy',
  'Cross-Origin-Opener-Policy',
  'Cross-Origin-Resource-Policy',
  'Date',
  'Device-Memory',
  'Downlink',
  'ECT',
  'ETag',
  'Expect',
  'Expect-CT',
  'Expires',
  'Forwarded',
  'From',
  'Host',
  'If-Match',
  'If-Modified-Since',
  'If-None-Match',
  'If-Range',
  'If-Unmodified-Since',
  'Keep-Alive',
  'Last-Modified',
  'Link',
  'Location',
  'Max-Forwards',
  'Origin',
  'Permissions-Policy',
  'Pragma',
  'Proxy-Authenticate',
  'Proxy-Authorization',
  'RTT',
  'Range',
  'Referer',
  'Referrer-Policy',
  'Refresh',
  'Retry-After',
  'Sec-WebSocket-Accept',
  'Sec-WebSocket-Extensions',
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Version',
  'Server',
  'Server-Timing',
  'Service-Worker-Allowed',
  'Service-Worker-Navigation-Preload',
  'Set-Cookie',
  'SourceMap',
  'Strict-Transport-Security',
  'Supports-Loading-Mode',
  'TE',
  'Timing-Allow-Origin',
  'Trailer',
  'Transfer-Encoding',
  'Upgrade',
  'Upgrade-Insecure-Requests',
  'User-Agent',
  'Vary',
  'Via',
  'WWW-Authenticate',
  'X-Content-Type-Options',
  'X-DNS-Prefetch-Control',
  'X-Frame-Options',
  'X-Permitted-Cross-Domain-Policies',
  'X-Powered-By',
  'X-Requested-With',
  'X-XSS-Protection'
])

/** @type {Record<typeof wellknownHeaderNames[number]|Lowercase<typeof wellknownHeaderNames[number]>, string>} */
const headerNameLowerCasedRecord = {}

// Note: object prototypes should not be able to be referenced. e.g. `Object#hasOwnProperty`.
Object.setPrototypeOf(headerNameLowerCasedRecord, null)

/**
 * @type {Record<Lowercase<typeof wellknownHeaderNames[number]>, Buffer>}
 */
const wellknownHeaderNameBuffers = {}

// Note: object prototypes should not be able to be referenced. e.g. `Object#hasOwnProperty`.
Object.setPrototypeOf(wellknownHeaderNameBuffers, null)

/**
 * @param {string} header Lowercased header
 * @returns {Buffer}
 */
function getHeaderNameAsBuffer (header) {
  let buffer = wellknownHeaderNameBuffers[header]

  if (buffer === undefined) {
    buffer = Buffer.from(header)
  }

  return buffer
}

for (let i = 0; i < wellknownHeaderNames.length; ++i) {
  const key = wellknownHeaderNames[i]
  const lowerCasedKey = key.toLowerCase()
  headerNameLowerCasedRecord[key] = headerNameLowerCasedRecord[lowerCasedKey] =
    lowerCasedKey
}

module.exports = {
  wellknownHeaderNames,
  headerNameLowerCasedRecord,
  getHeaderNameAsBuffer
}


/***/ }),

/***/ 1677:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const diagnosticsChannel = __nccwpck_require__(3053)
const util = __nccwpck_require__(7975)

const undiciDebugLog = util.debuglog('undici')
const fetchDebuglog = util.debuglog('fetch')
const websocketDebuglog = util.debuglog('websocket')

const channels = {
  // Client
  beforeConnect: diagnosticsChannel.channel('undici:client:beforeConnect'),
  connected: diagnosticsChannel.channel('undici:client:connected'),
  connectError: diagnosticsChannel.channel('undici:client:connectError'),
  sendHeaders: diagnosticsChannel.channel('undici:client:sendHeaders'),
  // Request
  create: diagnosticsChannel.channel('undici:request:create'),
  bodySent: diagnosticsChannel.channel('undici:request:bodySent'),
  bodyChunkSent: diagnosticsChannel.channel('undici:request:bodyChunkSent'),
  bodyChunkReceived: diagnosticsChannel.channel('undici:request:bodyChunkReceived'),
  headers: diagnosticsChannel.channel('undici:request:headers'),
  trailers: diagnosticsChannel.channel('undici:request:trailers'),
  error: diagnosticsChannel.channel('undici:request:error'),
  // WebSocket
  open: diagnosticsChannel.channel('undici:websocket:open'),
  close: diagnosticsChannel.channel('undici:websocket:close'),
  socketError: diagnosticsChannel.channel('undici:websocket:socket_error'),
  ping: diagnosticsChannel.channel('undici:websocket:ping'),
  pong: diagnosticsChannel.channel('undici:websocket:pong'),
  // ProxyAgent
  proxyConnected: diagnosticsChannel.channel('undici:proxy:connected')
}

let isTrackingClientEvents = false

function trackClientEvents (debugLog = undiciDebugLog) {
  if (isTrackingClientEvents) {
    return
  }

  // Check if any of the channels already have subscribers to prevent duplicate subscriptions
  // This can happen when both Node.js built-in undici and undici as a dependency are present
  if (channels.beforeConnect.hasSubscribers || channels.connected.hasSubscribers ||
      channels.connectError.hasSubscribers || channels.sendHeaders.hasSubscribers) {
    isTrackingClientEvents = true
    return
  }

  isTrackingClientEvents = true

  diagnosticsChannel.subscribe('undici:client:beforeConnect',
    evt => {
      const {
        connectParams: { version, protocol, port, host }
      } = evt
      debugLog(
        'connecting to %s%s using %s%s',
        host,
        port ? `:${port}` : '',
        protocol,
        version
      )
    })

  diagnosticsChannel.subscribe('undici:client:connected',
    evt => {
      const {
        connectParams: { version, protocol, port, host }
      } = evt
      debugLog(
        'connected to %s%s using %s%s',
        host,
        port ? `:${port}` : '',
        protocol,
        version
      )
    })

  diagnosticsChannel.subscribe('undici:client:connectError',
    evt => {
      const {
        connectParams: { version, protocol, port, host },
        error
      } = evt
      debugLog(
        'connection to %s%s using %s%s errored - %s',
        host,
        port ? `:${port}` : '',
        protocol,
        version,
        error.message
      )
    })

  diagnosticsChannel.subscribe('undici:client:sendHeaders',
    evt => {
      const {
        request: { method, path, origin }
      } = evt
      debugLog('sending request to %s %s%s', method, origin, path)
    })
}

let isTrackingRequestEvents = false

function trackRequestEvents (debugLog = undiciDebugLog) {
  if (isTrackingRequestEvents) {
    return
  }

  // Check if any of the channels already have subscribers to prevent duplicate subscriptions
  // This can happen when both Node.js built-in undici and undici as a dependency are present
  if (channels.headers.hasSubscribers || channels.trailers.hasSubscribers ||
      channels.error.hasSubscribers) {
    isTrackingRequestEvents = true
    return
  }

  isTrackingRequestEvents = true

  diagnosticsChannel.subscribe('undici:request:headers',
    evt => {
      const {
        request: { method, path, origin },
        response: { statusCode }
      } = evt
      debugLog(
        'received response to %s %s%s - HTTP %d',
        method,
        origin,
        path,
        statusCode
      )
    })

  diagnosticsChannel.subscribe('undici:request:trailers',
    evt => {
      const {
        request: { method, path, origin }
      } = evt
      debugLog('trailers received from %s %s%s', method, origin, path)
    })

  diagnosticsChannel.subscribe('undici:request:error',
    evt => {
      const {
        request: { method, path, origin },
        error
      } = evt
      debugLog(
        'request to %s %s%s errored - %s',
        method,
        origin,
        path,
        error.message
      )
    })
}

let isTrackingWebSocketEvents = false

function trackWebSocketEvents (debugLog = websocketDebuglog) {
  if (isTrackingWebSocketEvents) {
    return
  }

  // Check if any of the channels already have subscribers to prevent duplicate subscriptions
  // This can happen when both Node.js built-in undici and undici as a dependency are present
  if (channels.open.hasSubscribers || channels.close.hasSubscribers ||
      channels.socketError.hasSubscribers || channels.ping.hasSubscribers ||
      channels.pong.hasSubscribers) {
    isTrackingWebSocketEvents = true
    return
  }

  isTrackingWebSocketEvents = true

  diagnosticsChannel.subscribe('undici:websocket:open',
    evt => {
      if (evt.address != null) {
        const { address, port } = evt.address
        debugLog('connection opened %s%s', address, port ? `:${port}` : '')
      } else {
        debugLog('connection opened')
      }
    })

  diagnosticsChannel.subscribe('undici:websocket:close',
    evt => {
      const { websocket, code, reason } = evt
      debugLog(
        'closed connection to %s - %s %s',
        websocket.url,
        code,
        reason
      )
    })

  diagnosticsChannel.subscribe('undici:websocket:socket_error',
    err => {
      debugLog('connection errored - %s', err.message)
    })

  diagnosticsChannel.subscribe('undici:websocket:ping',
    evt => {
      debugLog('ping received')
    })

  diagnosticsChannel.subscribe('undici:websocket:pong',
    evt => {
      debugLog('pong received')
    })
}

if (undiciDebugLog.enabled || fetchDebuglog.enabled) {
  trackClientEvents(fetchDebuglog.enabled ? fetchDebuglog : undiciDebugLog)
  trackRequestEvents(fetchDebuglog.enabled ? fetchDebuglog : undiciDebugLog)
}

if (websocketDebuglog.enabled) {
  trackClientEvents(undiciDebugLog.enabled ? undiciDebugLog : websocketDebuglog)
  trackWebSocketEvents(websocketDebuglog)
}

module.exports = {
  channels
}


/***/ }),

/***/ 9526:
/***/ ((module) => {



const kUndiciError = Symbol.for('undici.error.UND_ERR')
class UndiciError extends Error {
  constructor (message, options) {
    super(message, options)
    this.name = 'UndiciError'
    this.code = 'UND_ERR'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kUndiciError] === true
  }

  get [kUndiciError] () {
    return true
  }
}

const kConnectTimeoutError = Symbol.for('undici.error.UND_ERR_CONNECT_TIMEOUT')
class ConnectTimeoutError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'ConnectTimeoutError'
    this.message = message || 'Connect Timeout Error'
    this.code = 'UND_ERR_CONNECT_TIMEOUT'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kConnectTimeoutError] === true
  }

  get [kConnectTimeoutError] () {
    return true
  }
}

const kHeadersTimeoutError = Symbol.for('undici.error.UND_ERR_HEADERS_TIMEOUT')
class HeadersTimeoutError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'HeadersTimeoutError'
    this.message = message || 'Headers Timeout Error'
    this.code = 'UND_ERR_HEADERS_TIMEOUT'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kHeadersTimeoutError] === true
  }

  get [kHeadersTimeoutError] () {
    return true
  }
}

const kHeadersOverflowError = Symbol.for('undici.error.UND_ERR_HEADERS_OVERFLOW')
class HeadersOverflowError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'HeadersOverflowError'
    this.message = message || 'Headers Overflow Error'
    this.code = 'UND_ERR_HEADERS_OVERFLOW'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kHeadersOverflowError] === true
  }

  get [kHeadersOverflowError] () {
    return true
  }
}

const kBodyTimeoutError = Symbol.for('undici.error.UND_ERR_BODY_TIMEOUT')
class BodyTimeoutError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'BodyTimeoutError'
    this.message = message || 'Body Timeout Error'
    this.code = 'UND_ERR_BODY_TIMEOUT'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kBodyTimeoutError] === true
  }

  get [kBodyTimeoutError] () {
    return true
  }
}

const kInvalidArgumentError = Symbol.for('undici.error.UND_ERR_INVALID_ARG')
class InvalidArgumentError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'InvalidArgumentError'
    this.message = message || 'Invalid Argument Error'
    this.code = 'UND_ERR_INVALID_ARG'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kInvalidArgumentError] === true
  }

  get [kInvalidArgumentError] () {
    return true
  }
}

const kInvalidReturnValueError = Symbol.for('undici.error.UND_ERR_INVALID_RETURN_VALUE')
class InvalidReturnValueError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'InvalidReturnValueError'
    this.message = message || 'Invalid Return Value Error'
    this.code = 'UND_ERR_INVALID_RETURN_VALUE'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kInvalidReturnValueError] === true
  }

  get [kInvalidReturnValueError] () {
    return true
  }
}

const kAbortError = Symbol.for('undici.error.UND_ERR_ABORT')
class AbortError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'AbortError'
    this.message = message || 'The operation was aborted'
    this.code = 'UND_ERR_ABORT'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kAbortError] === true
  }

  get [kAbortError] () {
    return true
  }
}

const kRequestAbortedError = Symbol.for('undici.error.UND_ERR_ABORTED')
class RequestAbortedError extends AbortError {
  constructor (message) {
    super(message)
    this.name = 'AbortError'
    this.message = message || 'Request aborted'
    this.code = 'UND_ERR_ABORTED'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kRequestAbortedError] === true
  }

  get [kRequestAbortedError] () {
    return true
  }
}

const kInformationalError = Symbol.for('undici.error.UND_ERR_INFO')
class InformationalError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'InformationalError'
    this.message = message || 'Request information'
    this.code = 'UND_ERR_INFO'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kInformationalError] === true
  }

  get [kInformationalError] () {
    return true
  }
}

const kRequestContentLengthMismatchError = Symbol.for('undici.error.UND_ERR_REQ_CONTENT_LENGTH_MISMATCH')
class RequestContentLengthMismatchError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'RequestContentLengthMismatchError'
    this.message = message || 'Request body length does not match content-length header'
    this.code = 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kRequestContentLengthMismatchError] === true
  }

  get [kRequestContentLengthMismatchError] () {
    return true
  }
}

const kResponseContentLengthMismatchError = Symbol.for('undici.error.UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
class ResponseContentLengthMismatchError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'ResponseContentLengthMismatchError'
    this.message = message || 'Response body length does not match content-length header'
    this.code = 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kResponseContentLengthMismatchError] === true
  }

  get [kResponseContentLengthMismatchError] () {
    return true
  }
}

const kClientDestroyedError = Symbol.for('undici.error.UND_ERR_DESTROYED')
class ClientDestroyedError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'ClientDestroyedError'
    this.message = message || 'The client is destroyed'
    this.code = 'UND_ERR_DESTROYED'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kClientDestroyedError] === true
  }

  get [kClientDestroyedError] () {
    return true
  }
}

const kClientClosedError = Symbol.for('undici.error.UND_ERR_CLOSED')
class ClientClosedError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'ClientClosedError'
    this.message = message || 'The client is closed'
    this.code = 'UND_ERR_CLOSED'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kClientClosedError] === true
  }

  get [kClientClosedError] () {
    return true
  }
}

const kSocketError = Symbol.for('undici.error.UND_ERR_SOCKET')
class SocketError extends UndiciError {
  constructor (message, socket) {
    super(message)
    this.name = 'SocketError'
    this.message = message || 'Socket error'
    this.code = 'UND_ERR_SOCKET'
    this.socket = socket
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kSocketError] === true
  }

  get [kSocketError] () {
    return true
  }
}

const kNotSupportedError = Symbol.for('undici.error.UND_ERR_NOT_SUPPORTED')
class NotSupportedError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'NotSupportedError'
    this.message = message || 'Not supported error'
    this.code = 'UND_ERR_NOT_SUPPORTED'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kNotSupportedError] === true
  }

  get [kNotSupportedError] () {
    return true
  }
}

const kBalancedPoolMissingUpstreamError = Symbol.for('undici.error.UND_ERR_BPL_MISSING_UPSTREAM')
class BalancedPoolMissingUpstreamError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'MissingUpstreamError'
    this.message = message || 'No upstream has been added to the BalancedPool'
    this.code = 'UND_ERR_BPL_MISSING_UPSTREAM'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kBalancedPoolMissingUpstreamError] === true
  }

  get [kBalancedPoolMissingUpstreamError] () {
    return true
  }
}

const kHTTPParserError = Symbol.for('undici.error.UND_ERR_HTTP_PARSER')
class HTTPParserError extends Error {
  constructor (message, code, data) {
    super(message)
    this.name = 'HTTPParserError'
    this.code = code ? `HPE_${code}` : undefined
    this.data = data ? data.toString() : undefined
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kHTTPParserError] === true
  }

  get [kHTTPParserError] () {
    return true
  }
}

const kResponseExceededMaxSizeError = Symbol.for('undici.error.UND_ERR_RES_EXCEEDED_MAX_SIZE')
class ResponseExceededMaxSizeError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'ResponseExceededMaxSizeError'
    this.message = message || 'Response content exceeded max size'
    this.code = 'UND_ERR_RES_EXCEEDED_MAX_SIZE'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kResponseExceededMaxSizeError] === true
  }

  get [kResponseExceededMaxSizeError] () {
    return true
  }
}

const kRequestRetryError = Symbol.for('undici.error.UND_ERR_REQ_RETRY')
class RequestRetryError extends UndiciError {
  constructor (message, code, { headers, data }) {
    super(message)
    this.name = 'RequestRetryError'
    this.message = message || 'Request retry error'
    this.code = 'UND_ERR_REQ_RETRY'
    this.statusCode = code
    this.data = data
    this.headers = headers
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kRequestRetryError] === true
  }

  get [kRequestRetryError] () {
    return true
  }
}

const kResponseError = Symbol.for('undici.error.UND_ERR_RESPONSE')
class ResponseError extends UndiciError {
  constructor (message, code, { headers, body }) {
    super(message)
    this.name = 'ResponseError'
    this.message = message || 'Response error'
    this.code = 'UND_ERR_RESPONSE'
    this.statusCode = code
    this.body = body
    this.headers = headers
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kResponseError] === true
  }

  get [kResponseError] () {
    return true
  }
}

const kSecureProxyConnectionError = Symbol.for('undici.error.UND_ERR_PRX_TLS')
class SecureProxyConnectionError extends UndiciError {
  constructor (cause, message, options = {}) {
    super(message, { cause, ...options })
    this.name = 'SecureProxyConnectionError'
    this.message = message || 'Secure Proxy Connection failed'
    this.code = 'UND_ERR_PRX_TLS'
    this.cause = cause
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kSecureProxyConnectionError] === true
  }

  get [kSecureProxyConnectionError] () {
    return true
  }
}

const kMaxOriginsReachedError = Symbol.for('undici.error.UND_ERR_MAX_ORIGINS_REACHED')
class MaxOriginsReachedError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'MaxOriginsReachedError'
    this.message = message || 'Maximum allowed origins reached'
    this.code = 'UND_ERR_MAX_ORIGINS_REACHED'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kMaxOriginsReachedError] === true
  }

  get [kMaxOriginsReachedError] () {
    return true
  }
}

class Socks5ProxyError extends UndiciError {
  constructor (message, code) {
    super(message)
    this.name = 'Socks5ProxyError'
    this.message = message || 'SOCKS5 proxy error'
    this.code = code || 'UND_ERR_SOCKS5'
  }
}

const kMessageSizeExceededError = Symbol.for('undici.error.UND_ERR_WS_MESSAGE_SIZE_EXCEEDED')
class MessageSizeExceededError extends UndiciError {
  constructor (message) {
    super(message)
    this.name = 'MessageSizeExceededError'
    this.message = message || 'Max decompressed message size exceeded'
    this.code = 'UND_ERR_WS_MESSAGE_SIZE_EXCEEDED'
  }

  static [Symbol.hasInstance] (instance) {
    return instance && instance[kMessageSizeExceededError] === true
  }

  get [kMessageSizeExceededError] () {
    return true
  }
}

module.exports = {
  AbortError,
  HTTPParserError,
  UndiciError,
  HeadersTimeoutError,
  HeadersOverflowError,
  BodyTimeoutError,
  RequestContentLengthMismatchError,
  ConnectTimeoutError,
  InvalidArgumentError,
  InvalidReturnValueError,
  RequestAbortedError,
  ClientDestroyedError,
  ClientClosedError,
  InformationalError,
  SocketError,
  NotSupportedError,
  ResponseContentLengthMismatchError,
  BalancedPoolMissingUpstreamError,
  ResponseExceededMaxSizeError,
  RequestRetryError,
  ResponseError,
  SecureProxyConnectionError,
  MaxOriginsReachedError,
  Socks5ProxyError,
  MessageSizeExceededError
}


/***/ }),

/***/ 6132:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const {
  InvalidArgumentError,
  NotSupportedError
} = __nccwpck_require__(9526)
const assert = __nccwpck_require__(4589)
const {
  isValidHTTPToken,
  isValidHeaderValue,
  isStream,
  destroy,
  isBuffer,
  isFormDataLike,
  isIterable,
  hasSafeIterator,
  isBlobLike,
  serializePathWithQuery,
  assertRequestHandler,
  getServerName,
  normalizedMethodRecords,
  getProtocolFromUrlString
} = __nccwpck_require__(9145)
const { channels } = __nccwpck_require__(1677)
const { headerNameLowerCasedRecord } = __nccwpck_require__(9864)

// Verifies that a given path is valid does not contain control chars \x00 to \x20
const invalidPathRegex = /[^\u0021-\u00ff]/

function isValidContentLengthHeaderValue (val) {
  if (typeof val !== 'string' || val.length === 0) {
    return false
  }

  for (let i = 0; i < val.length; i++) {
    const charCode = val.charCodeAt(i)
    if (charCode < 48 || charCode > 57) {
      return false
    }
  }

  return true
}

const kHandler = Symbol('handler')

class Request {
  constructor (origin, {
    path,
    method,
    body,
    headers,
    query,
    idempotent,
    blocking,
    upgrade,
    headersTimeout,
    bodyTimeout,
    reset,
    expectContinue,
    servername,
    throwOnError,
    maxRedirections,
    typeOfService
  }, handler) {
    if (typeof path !== 'string') {
      throw new InvalidArgumentError('path must be a string')
    } else if (
      path[0] !== '/' &&
      !(path.startsWith('http://') || path.startsWith('https://')) &&
      method !== 'CONNECT'
    ) {
      throw new InvalidArgumentError('path must be an absolute URL or start with a slash')
    } else if (invalidPathRegex.test(path)) {
      throw new InvalidArgumentError('invalid request path')
    }

    if (typeof method !== 'string') {
      throw new InvalidArgumentError('method must be a string')
    } else if (normalizedMethodRecords[method] === undefined && !isValidHTTPToken(method)) {
      throw new InvalidArgumentError('invalid request method')
    }

    if (upgrade && typeof upgrade !== 'string') {
      throw new InvalidArgumentError('upgrade must be a string')
    }

    if (upgrade && !isValidHeaderValue(upgrade)) {
      throw new InvalidArgumentError('invalid upgrade header')
    }

    if (headersTimeout != null && (!Number.isFinite(headersTimeout) || headersTimeout < 0)) {
      throw new InvalidArgumentError('invalid headersTimeout')
    }

    if (bodyTimeout != null && (!Number.isFinite(bodyTimeout) || bodyTimeout < 0)) {
      throw new InvalidArgumentError('invalid bodyTimeout')
    }

    if (reset != null && typeof reset !== 'boolean') {
      throw new InvalidArgumentError('invalid reset')
    }

    if (expectContinue != null && typeof expectContinue !== 'boolean') {
      throw new InvalidArgumentError('invalid expectContinue')
    }

    if (throwOnError != null) {
      throw new InvalidArgumentError('invalid throwOnError')
    }

    if (maxRedirections != null && maxRedirections !== 0) {
      throw new InvalidArgumentError('maxRedirections is not supported, use the redirect interceptor')
    }

    if (typeOfService != null && (!Number.isInteger(typeOfService) || typeOfService < 0 || typeOfService > 255)) {
      throw new InvalidArgumentError('typeOfService must be an integer between 0 and 255')
    }

    this.headersTimeout = headersTimeout

    this.bodyTimeout = bodyTimeout

    this.method = method

    this.typeOfService = typeOfService

    this.abort = null

    if (body == null) {
      this.body = null
    } else if (isStream(body)) {
      this.body = body

      const rState = this.body._readableState
      if (!rState || !rState.autoDestroy) {
        this.endHandler = function autoDestroy () {
          destroy(this)
        }
        this.body.on('end', this.endHandler)
      }

      this.errorHandler = err => {
        if (this.abort) {
          this.abort(err)
        } else {
          this.error = err
        }
      }
      this.body.on('error', this.errorHandler)
    } else if (isBuffer(body)) {
      this.body = body.byteLength ? body : null
    } else if (ArrayBuffer.isView(body)) {
      this.body = body.buffer.byteLength ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : null
    } else if (body instanceof ArrayBuffer) {
      this.body = body.byteLength ? Buffer.from(body) : null
    } else if (typeof body === 'string') {
      this.body = body.length ? Buffer.from(body) : null
    } else if (isFormDataLike(body) || isIterable(body) || isBlobLike(body)) {
      this.body = body
    } else {
      throw new InvalidArgumentError('body must be a string, a Buffer, a Readable stream, an iterable, or an async iterable')
    }

    this.completed = false
    this.aborted = false

    this.upgrade = upgrade || null

    this.path = query ? serializePathWithQuery(path, query) : path

    // TODO: shall we maybe standardize it to an URL object?
    this.origin = origin

    this.protocol = getProtocolFromUrlString(origin)

    this.idempotent = idempotent == null
      ? method === 'HEAD' || method === 'GET'
      : idempotent

    this.blocking = blocking ?? this.method !== 'HEAD'

    this.reset = reset == null ? null : reset

    this.host = null

    this.contentLength = null

    this.contentType = null

    this.headers = []

    // Only for H2
    this.expectContinue = expectContinue != null ? expectContinue : false

    if (Array.isArray(headers)) {
      if (headers.length % 2 !== 0) {
        throw new InvalidArgumentError('headers array must be even')
      }
      for (let i = 0; i < headers.length; i += 2) {
        processHeader(this, headers[i], headers[i + 1])
      }
    } else if (headers && typeof headers === 'object') {
      if (hasSafeIterator(headers)) {
        for (const header of headers) {
          if (!Array.isArray(header) || header.length !== 2) {
            throw new InvalidArgumentError('headers must be in key-value pair format')
          }
          processHeader(this, header[0], header[1])
        }
      } else {
        const keys = Object.keys(headers)
        for (let i = 0; i < keys.length; ++i) {
          processHeader(this, keys[i], headers[keys[i]])
        }
      }
    } else if (headers != null) {
      throw new InvalidArgumentError('headers must be an object or an array')
    }

    assertRequestHandler(handler, method, upgrade)

    this.servername = servername || getServerName(this.host) || null

    this[kHandler] = handler

    if (channels.create.hasSubscribers) {
      channels.create.publish({ request: this })
    }
  }

  onBodySent (chunk) {
    if (channels.bodyChunkSent.hasSubscribers) {
      channels.bodyChunkSent.publish({ request: this, chunk })
    }
    if (this[kHandler].onBodySent) {
      try {
        return this[kHandler].onBodySent(chunk)
      } catch (err) {
        this.abort(err)
      }
    }
  }

  onRequestSent () {
    if (channels.bodySent.hasSubscribers) {
      channels.bodySent.publish({ request: this })
    }

    if (this[kHandler].onRequestSent) {
      try {
        return this[kHandler].onRequestSent()
      } catch (err) {
        this.abort(err)
      }
    }
  }

  onConnect (abort) {
    assert(!this.aborted)
    assert(!this.completed)

    if (this.error) {
      abort(this.error)
    } else {
      this.abort = abort
      return this[kHandler].onConnect(abort)
    }
  }

  onResponseStarted () {
    return this[kHandler].onResponseStarted?.()
  }

  onHeaders (statusCode, headers, resume, statusText) {
    assert(!this.aborted)
    assert(!this.completed)

    if (channels.headers.hasSubscribers) {
      channels.headers.publish({ request: this, response: { statusCode, headers, statusText } })
    }

    try {
      return this[kHandler].onHeaders(statusCode, headers, resume, statusText)
    } catch (err) {
      this.abort(err)
    }
  }

  onData (chunk) {
    assert(!this.aborted)
    assert(!this.completed)

    if (channels.bodyChunkReceived.hasSubscribers) {
      channels.bodyChunkReceived.publish({ request: this, chunk })
    }
    try {
      return this[kHandler].onData(chunk)
    } catch (err) {
      this.abort(err)
      return false
    }
  }

  /**
   * @param {number} statusCode
   * @param {Buffer[]|string[]} headers
   * @param {import('node:stream').Duplex} socket
   * @param {string} [statusText]
   */
  onUpgrade (statusCode, headers, socket, statusText = '') {
    this.onFinally()

    assert(!this.aborted)
    assert(!this.completed)

    if (channels.headers.hasSubscribers) {
      channels.headers.publish({ request: this, response: { statusCode, headers, statusText } })
    }

    const result = this[kHandler].onUpgrade(statusCode, headers, socket)

    if (!this.aborted) {
      this.completed = true
      if (channels.trailers.hasSubscribers) {
        channels.trailers.publish({ request: this, trailers: [] })
      }
    }

    return result
  }

  onComplete (trailers) {
    this.onFinally()

    assert(!this.aborted)
    assert(!this.completed)

    this.completed = true
    if (channels.trailers.hasSubscribers) {
      channels.trailers.publish({ request: this, trailers })
    }

    try {
      return this[kHandler].onComplete(trailers)
    } catch (err) {
      // TODO (fix): This might be a bad idea?
      this.onError(err)
    }
  }

  onError (error) {
    this.onFinally()

    if (channels.error.hasSubscribers) {
      channels.error.publish({ request: this, error })
    }

    if (this.aborted) {
      return
    }
    this.aborted = true

    return this[kHandler].onError(error)
  }

  onFinally () {
    if (this.errorHandler) {
      this.body.off('error', this.errorHandler)
      this.errorHandler = null
    }

    if (this.endHandler) {
      this.body.off('end', this.endHandler)
      this.endHandler = null
    }
  }

  addHeader (key, value) {
    processHeader(this, key, value)
    return this
  }
}

function processHeader (request, key, val) {
  if (val && (typeof val === 'object' && !Array.isArray(val))) {
    throw new InvalidArgumentError(`invalid ${key} header`)
  } else if (val === undefined) {
    return
  }

  let headerName = headerNameLowerCasedRecord[key]

  if (headerName === undefined) {
    headerName = key.toLowerCase()
    if (headerNameLowerCasedRecord[headerName] === undefined && !isValidHTTPToken(headerName)) {
      throw new InvalidArgumentError('invalid header key')
    }
  }

  if (Array.isArray(val)) {
    const arr = []
    for (let i = 0; i < val.length; i++) {
      if (typeof val[i] === 'string') {
        if (!isValidHeaderValue(val[i])) {
          throw new InvalidArgumentError(`invalid ${key} header`)
        }
        arr.push(val[i])
      } else if (val[i] === null) {
        arr.push('')
      } else if (typeof val[i] === 'object') {
        throw new InvalidArgumentError(`invalid ${key} header`)
      } else {
        // Coerce primitives (and reject unsafe coercions such as functions
        // with a crafted toString/Symbol.toPrimitive).
        const str = `${val[i]}`
        if (!isValidHeaderValue(str)) {
          throw new InvalidArgumentError(`invalid ${key} header`)
        }
        arr.push(str)
      }
    }
    val = arr
  } else if (typeof val === 'string') {
    if (!isValidHeaderValue(val)) {
      throw new InvalidArgumentError(`invalid ${key} header`)
    }
  } else if (val === null) {
    val = ''
  } else {
    // Coerce primitives (and reject unsafe coercions such as functions
    // with a crafted toString/Symbol.toPrimitive).
    val = `${val}`
    if (!isValidHeaderValue(val)) {
      throw new InvalidArgumentError(`invalid ${key} header`)
    }
  }

  if (headerName === 'host') {
    if (request.host !== null) {
      throw new InvalidArgumentError('duplicate host header')
    }
    if (typeof val !== 'string') {
      throw new InvalidArgumentError('invalid host header')
    }
    // Consumed by Client
    request.host = val
  } else if (headerName === 'content-length') {
    if (request.contentLength !== null) {
      throw new InvalidArgumentError('duplicate content-length header')
    }
    if (!isValidContentLengthHeaderValue(val)) {
      throw new InvalidArgumentError('invalid content-length header')
    }
    request.contentLength = parseInt(val, 10)
  } else if (request.contentType === null && headerName === 'content-type') {
    request.contentType = val
    request.headers.push(key, val)
  } else if (headerName === 'transfer-encoding' || headerName === 'keep-alive' || headerName === 'upgrade') {
    throw new InvalidArgumentError(`invalid ${headerName} header`)
  } else if (headerName === 'connection') {
    // Per RFC 7230 Section 6.1, Connection header can contain
    // a comma-separated list of connection option tokens (header names)
    const value = typeof val === 'string' ? val : null
    if (value === null) {
      throw new InvalidArgumentError('invalid connection header')
    }

    for (const token of value.toLowerCase().split(',')) {
      const trimmed = token.trim()
      if (!isValidHTTPToken(trimmed)) {
        throw new InvalidArgumentError('invalid connection header')
      }
      if (trimmed === 'close') {
        request.reset = true
      }
    }
  } else if (headerName === 'expect') {
    throw new NotSupportedError('expect header not supported')
  } else {
    request.headers.push(key, val)
  }
}

module.exports = Request


/***/ }),

/***/ 4329:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const { EventEmitter } = __nccwpck_require__(6093)
const { Buffer } = __nccwpck_require__(4573)
const { InvalidArgumentError, Socks5ProxyError } = __nccwpck_require__(9526)
const { debuglog } = __nccwpck_require__(7975)
const { parseAddress } = __nccwpck_require__(7945)

const debug = debuglog('undici:socks5')
const EMPTY_BUFFER = Buffer.alloc(0)

// SOCKS5 constants
const SOCKS_VERSION = 0x05

// Authentication methods
const AUTH_METHODS = {
  NO_AUTH: 0x00,
  GSSAPI: 0x01,
  USERNAME_PASSWORD: 0x02,
  NO_ACCEPTABLE: 0xFF
}

// SOCKS5 commands
const COMMANDS = {
  CONNECT: 0x01,
  BIND: 0x02,
  UDP_ASSOCIATE: 0x03
}

// Address types
const ADDRESS_TYPES = {
  IPV4: 0x01,
  DOMAIN: 0x03,
  IPV6: 0x04
}

// Reply codes
const REPLY_CODES = {
  SUCCEEDED: 0x00,
  GENERAL_FAILURE: 0x01,
  CONNECTION_NOT_ALLOWED: 0x02,
  NETWORK_UNREACHABLE: 0x03,
  HOST_UNREACHABLE: 0x04,
  CONNECTION_REFUSED: 0x05,
  TTL_EXPIRED: 0x06,
  COMMAND_NOT_SUPPORTED: 0x07,
  ADDRESS_TYPE_NOT_SUPPORTED: 0x08
}

// State machine states
const STATES = {
  INITIAL: 'initial',
  HANDSHAKING: 'handshaking',
  AUTHENTICATING: 'authenticating',
  AUTHENTICATED: 'authenticated',
  CONNECTING: 'connecting',
  CONNECTED: 'connected',
  ERROR: 'error',
  CLOSED: 'closed'
}

/**
 * SOCKS5 client implementation
 * Handles SOCKS5 protocol negotiation and connection establishment
 */
class Socks5Client extends EventEmitter {
  constructor (socket, options = {}) {
    super()

    if (!socket) {
      throw new InvalidArgumentError('socket is required')
    }

    this.socket = socket
    this.options = options
    this.state = STATES.INITIAL
    this.buffer = EMPTY_BUFFER
    this.onSocketData = this.onData.bind(this)
    this.onSocketError = this.onError.bind(this)
    this.onSocketClose = this.onClose.bind(this)

    // Authentication settings
    this.authMethods = []
    if (options.username && options.password) {
      this.authMethods.push(AUTH_METHODS.USERNAME_PASSWORD)
    }
    this.authMethods.push(AUTH_METHODS.NO_AUTH)

    // Socket event handlers
    this.socket.on('data', this.onSocketData)
    this.socket.on('error', this.onSocketError)
    this.socket.on('close', this.onSocketClose)
  }

  /**
   * Handle incoming data from the socket
   */
  onData (data) {
    debug('received data', data.length, 'bytes in state', this.state)
    this.buffer = Buffer.concat([this.buffer, data])

    try {
      switch (this.state) {
        case STATES.HANDSHAKING:
          this.handleHandshakeResponse()
          break
        case STATES.AUTHENTICATING:
          this.handleAuthResponse()
          break
        case STATES.CONNECTING:
          this.handleConnectResponse()
          break
      }
    } catch (err) {
      this.onError(err)
    }
  }

  /**
   * Handle socket errors
   */
  onError (err) {
    debug('socket error', err)
    this.state = STATES.ERROR
    this.emit('error', err)
    this.destroy()
  }

  /**
   * Handle socket close
   */
  onClose () {
    debug('socket closed')
    this.state = STATES.CLOSED
    this.emit('close')
  }

  /**
   * Destroy the client and underlying socket
   */
  destroy () {
    if (this.socket && !this.socket.destroyed) {
      this.socket.destroy()
    }
  }

  markAuthenticated () {
    this.state = STATES.AUTHENTICATED
    this.emit('authenticated')
  }

  /**
   * Start the SOCKS5 handshake
   */
  handshake () {
    if (this.state !== STATES.INITIAL) {
      throw new InvalidArgumentError('Handshake already started')
    }

    debug('starting handshake with', this.authMethods.length, 'auth methods')
    this.state = STATES.HANDSHAKING

    // Build handshake request
    // +----+----------+----------+
    // |VER | NMETHODS | METHODS  |
    // +----+----------+----------+
    // | 1  |    1     | 1 to 255 |
    // +----+----------+----------+
    const request = Buffer.alloc(2 + this.authMethods.length)
    request[0] = SOCKS_VERSION
    request[1] = this.authMethods.length
    this.authMethods.forEach((method, i) => {
      request[2 + i] = method
    })

    this.socket.write(request)
  }

  /**
   * Handle handshake response from server
   */
  handleHandshakeResponse () {
    if (this.buffer.length < 2) {
      return // Not enough data yet
    }

    const version = this.buffer[0]
    const method = this.buffer[1]

    if (version !== SOCKS_VERSION) {
      throw new Socks5ProxyError(`Invalid SOCKS version: ${version}`, 'UND_ERR_SOCKS5_VERSION')
    }

    if (method === AUTH_METHODS.NO_ACCEPTABLE) {
      throw new Socks5ProxyError('No acceptable authentication method', 'UND_ERR_SOCKS5_AUTH_REJECTED')
    }

    this.buffer = this.buffer.subarray(2)
    debug('server selected auth method', method)

    if (method === AUTH_METHODS.NO_AUTH) {
      this.markAuthenticated()
    } else if (method === AUTH_METHODS.USERNAME_PASSWORD) {
      this.state = STATES.AUTHENTICATING
      this.sendAuthRequest()
    } else {
      throw new Socks5ProxyError(`Unsupported authentication method: ${method}`, 'UND_ERR_SOCKS5_AUTH_METHOD')
    }
  }

  /**
   * Send username/password authentication request
   */
  sendAuthRequest () {
    const { username, password } = this.options

    if (!username || !password) {
      throw new InvalidArgumentError('Username and password required for authentication')
    }

    debug('sending username/password auth')

    // Username/Password authentication request (RFC 1929)
    // +----+------+----------+------+----------+
    // |VER | ULEN |  UNAME   | PLEN |  PASSWD  |
    // +----+------+----------+------+----------+
    // | 1  |  1   | 1 to 255 |  1   | 1 to 255 |
    // +----+------+----------+------+----------+
    const usernameBuffer = Buffer.from(username)
    const passwordBuffer = Buffer.from(password)

    if (usernameBuffer.length > 255 || passwordBuffer.length > 255) {
      throw new InvalidArgumentError('Username or password too long')
    }

    const request = Buffer.alloc(3 + usernameBuffer.length + passwordBuffer.length)
    request[0] = 0x01 // Sub-negotiation version
    request[1] = usernameBuffer.length
    usernameBuffer.copy(request, 2)
    request[2 + usernameBuffer.length] = passwordBuffer.length
    passwordBuffer.copy(request, 3 + usernameBuffer.length)

    this.socket.write(request)
  }

  /**
   * Handle authentication response
   */
  handleAuthResponse () {
    if (this.buffer.length < 2) {
      return // Not enough data yet
    }

    const version = this.buffer[0]
    const status = this.buffer[1]

    if (version !== 0x01) {
      throw new Socks5ProxyError(`Invalid auth sub-negotiation version: ${version}`, 'UND_ERR_SOCKS5_AUTH_VERSION')
    }

    if (status !== 0x00) {
      throw new Socks5ProxyError('Authentication failed', 'UND_ERR_SOCKS5_AUTH_FAILED')
    }

    this.buffer = this.buffer.subarray(2)
    debug('authentication successful')
    this.markAuthenticated()
  }

  /**
   * Send CONNECT command
   * @param {string} address - Target address (IP or domain)
   * @param {number} port - Target port
   */
  connect (address, port) {
    if (this.state === STATES.CONNECTING || this.state === STATES.CONNECTED) {
      throw new InvalidArgumentError('Connection already in progress')
    }

    if (this.state !== STATES.AUTHENTICATED) {
      throw new InvalidArgumentError('Client must be authenticated before CONNECT')
    }

    debug('connecting to', address, port)
    this.state = STATES.CONNECTING

    const request = this.buildConnectRequest(COMMANDS.CONNECT, address, port)
    this.socket.write(request)
  }

  /**
   * Build a SOCKS5 request
   */
  buildConnectRequest (command, address, port) {
    // Parse address to determine type and buffer
    const { type: addressType, buffer: addressBuffer } = parseAddress(address)

    // Build request
    // +----+-----+-------+------+----------+----------+
    // |VER | CMD |  RSV  | ATYP | DST.ADDR | DST.PORT |
    // +----+-----+-------+------+----------+----------+
    // | 1  |  1  | X'00' |  1   | Variable |    2     |
    // +----+-----+-------+------+----------+----------+
    const request = Buffer.alloc(4 + addressBuffer.length + 2)
    request[0] = SOCKS_VERSION
    request[1] = command
    request[2] = 0x00 // Reserved
    request[3] = addressType
    addressBuffer.copy(request, 4)
    request.writeUInt16BE(port, 4 + addressBuffer.length)

    return request
  }

  /**
   * Handle CONNECT response
   */
  handleConnectResponse () {
    if (this.buffer.length < 4) {
      return // Not enough data for header
    }

    const version = this.buffer[0]
    const reply = this.buffer[1]
    const addressType = this.buffer[3]

    if (version !== SOCKS_VERSION) {
      throw new Socks5ProxyError(`Invalid SOCKS version in reply: ${version}`, 'UND_ERR_SOCKS5_REPLY_VERSION')
    }

    // Calculate the expected response length
    let responseLength = 4 // VER + REP + RSV + ATYP
    if (addressType === ADDRESS_TYPES.IPV4) {
      responseLength += 4 + 2 // IPv4 + port
    } else if (addressType === ADDRESS_TYPES.DOMAIN) {
      if (this.buffer.length < 5) {
        return // Need domain length byte
      }
      responseLength += 1 + this.buffer[4] + 2 // length byte + domain + port
    } else if (addressType === ADDRESS_TYPES.IPV6) {
      responseLength += 16 + 2 // IPv6 + port
    } else {
      throw new Socks5ProxyError(`Invalid address type in reply: ${addressType}`, 'UND_ERR_SOCKS5_ADDR_TYPE')
    }

    if (this.buffer.length < responseLength) {
      return // Not enough data for full response
    }

    if (reply !== REPLY_CODES.SUCCEEDED) {
      const errorMessage = this.getReplyErrorMessage(reply)
      throw new Socks5ProxyError(`SOCKS5 connection failed: ${errorMessage}`, `UND_ERR_SOCKS5_REPLY_${reply}`)
    }

    // Parse bound address and port
    let boundAddress
    let offset = 4

    if (addressType === ADDRESS_TYPES.IPV4) {
      boundAddress = Array.from(this.buffer.subarray(offset, offset + 4)).join('.')
      offset += 4
    } else if (addressType === ADDRESS_TYPES.DOMAIN) {
      const domainLength = this.buffer[offset]
      offset += 1
      boundAddress = this.buffer.subarray(offset, offset + domainLength).toString()
      offset += domainLength
    } else if (addressType === ADDRESS_TYPES.IPV6) {
      // Parse IPv6 address from 16-byte buffer
      const parts = []
      for (let i = 0; i < 8; i++) {
        const value = this.buffer.readUInt16BE(offset + i * 2)
        parts.push(value.toString(16))
      }
      boundAddress = parts.join(':')
      offset += 16
    }

    const boundPort = this.buffer.readUInt16BE(offset)

    this.buffer = EMPTY_BUFFER
    this.state = STATES.CONNECTED
    this.socket.removeListener('data', this.onSocketData)

    debug('connected, bound address:', boundAddress, 'port:', boundPort)
    this.emit('connected', { address: boundAddress, port: boundPort })
  }

  /**
   * Get human-readable error message for reply code
   */
  getReplyErrorMessage (reply) {
    switch (reply) {
      case REPLY_CODES.GENERAL_FAILURE:
        return 'General SOCKS server failure'
      case REPLY_CODES.CONNECTION_NOT_ALLOWED:
        return 'Connection not allowed by ruleset'
      case REPLY_CODES.NETWORK_UNREACHABLE:
        return 'Network unreachable'
      case REPLY_CODES.HOST_UNREACHABLE:
        return 'Host unreachable'
      case REPLY_CODES.CONNECTION_REFUSED:
        return 'Connection refused'
      case REPLY_CODES.TTL_EXPIRED:
        return 'TTL expired'
      case REPLY_CODES.COMMAND_NOT_SUPPORTED:
        return 'Command not supported'
      case REPLY_CODES.ADDRESS_TYPE_NOT_SUPPORTED:
        return 'Address type not supported'
      default:
        return `Unknown error code: ${reply}`
    }
  }
}

module.exports = {
  Socks5Client,
  AUTH_METHODS,
  COMMANDS,
  ADDRESS_TYPES,
  REPLY_CODES,
  STATES
}


/***/ }),

/***/ 7945:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const { Buffer } = __nccwpck_require__(4573)
const net = __nccwpck_require__(7030)
const { InvalidArgumentError } = __nccwpck_require__(9526)

/**
 * Parse an address and determine its type
 * @param {string} address - The address to parse
 * @returns {{type: number, buffer: Buffer}} Address type and buffer
 */
function parseAddress (address) {
  // Check if it's an IPv4 address
  if (net.isIPv4(address)) {
    const parts = address.split('.').map(Number)
    return {
      type: 0x01, // IPv4
      buffer: Buffer.from(parts)
    }
  }

  // Check if it's an IPv6 address
  if (net.isIPv6(address)) {
    return {
      type: 0x04, // IPv6
      buffer: parseIPv6(address)
    }
  }

  // Otherwise, treat as domain name
  const domainBuffer = Buffer.from(address, 'utf8')
  if (domainBuffer.length > 255) {
    throw new InvalidArgumentError('Domain name too long (max 255 bytes)')
  }

  return {
    type: 0x03, // Domain
    buffer: Buffer.concat([Buffer.from([domainBuffer.length]), domainBuffer])
  }
}

/**
 * Parse IPv6 address to buffer
 * @param {string} address - IPv6 address string
 * @returns {Buffer} 16-byte buffer
 */
function parseIPv6 (address) {
  const buffer = Buffer.alloc(16)
  let normalizedAddress = address

  // Expand an embedded IPv4 tail into the last two IPv6 groups.
  if (address.includes('.')) {
    const lastColonIndex = address.lastIndexOf(':')
    const ipv4Part = address.slice(lastColonIndex + 1)

    if (net.isIPv4(ipv4Part)) {
      const octets = ipv4Part.split('.').map(Number)
      const high = ((octets[0] << 8) | octets[1]).toString(16)
      const low = ((octets[2] << 8) | octets[3]).toString(16)
      normalizedAddress = `${address.slice(0, lastColonIndex)}:${high}:${low}`
    }
  }

  // Handle compressed notation (::)
  const doubleColonIndex = normalizedAddress.indexOf('::')
  if (doubleColonIndex !== -1) {
    const before = normalizedAddress.slice(0, doubleColonIndex)
    const after = normalizedAddress.slice(doubleColonIndex + 2)
    const beforeParts = before === '' ? [] : before.split(':')
    const afterParts = after === '' ? [] : after.split(':')

    let bufferIndex = 0
    for (const part of beforeParts) {
      buffer.writeUInt16BE(parseInt(part, 16), bufferIndex)
      bufferIndex += 2
    }
    bufferIndex = 16 - afterParts.length * 2
    for (const part of afterParts) {
      buffer.writeUInt16BE(parseInt(part, 16), bufferIndex)
      bufferIndex += 2
    }
  } else {
    const parts = normalizedAddress.split(':')
    for (let i = 0; i < parts.length; i++) {
      buffer.writeUInt16BE(parseInt(parts[i], 16), i * 2)
    }
  }

  return buffer
}

/**
 * Build a SOCKS5 address buffer
 * @param {number} type - Address type (1=IPv4, 3=Domain, 4=IPv6)
 * @param {Buffer} addressBuffer - The address data
 * @param {number} port - Port number
 * @returns {Buffer} Complete address buffer including type, address, and port
 */
function buildAddressBuffer (type, addressBuffer, port) {
  const portBuffer = Buffer.allocUnsafe(2)
  portBuffer.writeUInt16BE(port, 0)

  return Buffer.concat([
    Buffer.from([type]),
    addressBuffer,
    portBuffer
  ])
}

/**
 * Parse address from SOCKS5 response
 * @param {Buffer} buffer - Buffer containing the address
 * @param {number} offset - Starting offset in buffer
 * @returns {{address: string, port: number, bytesRead: number}}
 */
function parseResponseAddress (buffer, offset = 0) {
  if (buffer.length < offset + 1) {
    throw new InvalidArgumentError('Buffer too small to contain address type')
  }

  const addressType = buffer[offset]
  let address
  let currentOffset = offset + 1

  switch (addressType) {
    case 0x01: { // IPv4
      if (buffer.length < currentOffset + 6) {
        throw new InvalidArgumentError('Buffer too small for IPv4 address')
      }
      address = Array.from(buffer.subarray(currentOffset, currentOffset + 4)).join('.')
      currentOffset += 4
      break
    }

    case 0x03: { // Domain
      if (buffer.length < currentOffset + 1) {
        throw new InvalidArgumentError('Buffer too small for domain length')
      }
      const domainLength = buffer[currentOffset]
      currentOffset += 1

      if (buffer.length < currentOffset + domainLength + 2) {
        throw new InvalidArgumentError('Buffer too small for domain address')
      }
      address = buffer.subarray(currentOffset, currentOffset + domainLength).toString('utf8')
      currentOffset += domainLength
      break
    }

    case 0x04: { // IPv6
      if (buffer.length < currentOffset + 18) {
        throw new InvalidArgumentError('Buffer too small for IPv6 address')
      }
      // Convert buffer to IPv6 string
      const parts = []
      for (let i = 0; i < 8; i++) {
        const value = buffer.readUInt16BE(currentOffset + i * 2)
        parts.push(value.toString(16))
      }
      address = parts.join(':')
      currentOffset += 16
      break
    }

    default:
      throw new InvalidArgumentError(`Invalid address type: ${addressType}`)
  }

  // Parse port
  if (buffer.length < currentOffset + 2) {
    throw new InvalidArgumentError('Buffer too small for port')
  }
  const port = buffer.readUInt16BE(currentOffset)
  currentOffset += 2

  return {
    address,
    port,
    bytesRead: currentOffset - offset
  }
}

/**
 * Create error for SOCKS5 reply code
 * @param {number} replyCode - SOCKS5 reply code
 * @returns {Error} Appropriate error object
 */
function createReplyError (replyCode) {
  const messages = {
    0x01: 'General SOCKS server failure',
    0x02: 'Connection not allowed by ruleset',
    0x03: 'Network unreachable',
    0x04: 'Host unreachable',
    0x05: 'Connection refused',
    0x06: 'TTL expired',
    0x07: 'Command not supported',
    0x08: 'Address type not supported'
  }

  const message = messages[replyCode] || `Unknown SOCKS5 error code: ${replyCode}`
  const error = new Error(message)
  error.code = `SOCKS5_${replyCode}`
  return error
}

module.exports = {
  parseAddress,
  parseIPv6,
  buildAddressBuffer,
  parseResponseAddress,
  createReplyError
}


/***/ }),

/***/ 3528:
/***/ ((module) => {



module.exports = {
  kClose: Symbol('close'),
  kDestroy: Symbol('destroy'),
  kDispatch: Symbol('dispatch'),
  kUrl: Symbol('url'),
  kRedirectCacheControl: Symbol('redirect cache control'),
  kWriting: Symbol('writing'),
  kResuming: Symbol('resuming'),
  kQueue: Symbol('queue'),
  kConnect: Symbol('connect'),
  kConnecting: Symbol('connecting'),
  kKeepAliveDefaultTimeout: Symbol('default keep alive timeout'),
  kKeepAliveMaxTimeout: Symbol('max keep alive timeout'),
  kKeepAliveTimeoutThreshold: Symbol('keep alive timeout threshold'),
  kKeepAliveTimeoutValue: Symbol('keep alive timeout'),
  kKeepAlive: Symbol('keep alive'),
  kHeadersTimeout: Symbol('headers timeout'),
  kBodyTimeout: Symbol('body timeout'),
  kServerName: Symbol('server name'),
  kLocalAddress: Symbol('local address'),
  kHost: Symbol('host'),
  kNoRef: Symbol('no ref'),
  kBodyUsed: Symbol('used'),
  kBody: Symbol('abstracted request body'),
  kRunning: Symbol('running'),
  kBlocking: Symbol('blocking'),
  kPending: Symbol('pending'),
  kSize: Symbol('size'),
  kBusy: Symbol('busy'),
  kQueued: Symbol('queued'),
  kFree: Symbol('free'),
  kConnected: Symbol('connected'),
  kClosed: Symbol('closed'),
  kNeedDrain: Symbol('need drain'),
  kReset: Symbol('reset'),
  kDestroyed: Symbol.for('nodejs.stream.destroyed'),
  kResume: Symbol('resume'),
  kOnError: Symbol('on error'),
  kMaxHeadersSize: Symbol('max headers size'),
  kRunningIdx: Symbol('running index'),
  kPendingIdx: Symbol('pending index'),
  kError: Symbol('error'),
  kClients: Symbol('clients'),
  kClient: Symbol('client'),
  kParser: Symbol('parser'),
  kOnDestroyed: Symbol('destroy callbacks'),
  kPipelining: Symbol('pipelining'),
  kSocket: Symbol('socket'),
  kHostHeader: Symbol('host header'),
  kConnector: Symbol('connector'),
  kStrictContentLength: Symbol('strict content length'),
  kMaxRedirections: Symbol('maxRedirections'),
  kMaxRequests: Symbol('maxRequestsPerClient'),
  kProxy: Symbol('proxy agent options'),
  kCounter: Symbol('socket request counter'),
  kMaxResponseSize: Symbol('max response size'),
  kHTTP2Session: Symbol('http2Session'),
  kHTTP2SessionState: Symbol('http2Session state'),
  kRetryHandlerDefaultRetry: Symbol('retry agent default retry'),
  kConstruct: Symbol('constructable'),
  kListeners: Symbol('listeners'),
  kHTTPContext: Symbol('http context'),
  kMaxConcurrentStreams: Symbol('max concurrent streams'),
  kHTTP2InitialWindowSize: Symbol('http2 initial window size'),
  kHTTP2ConnectionWindowSize: Symbol('http2 connection window size'),
  kEnableConnectProtocol: Symbol('http2session connect protocol'),
  kRemoteSettings: Symbol('http2session remote settings'),
  kHTTP2Stream: Symbol('http2session client stream'),
  kPingInterval: Symbol('ping interval'),
  kNoProxyAgent: Symbol('no proxy agent'),
  kHttpProxyAgent: Symbol('http proxy agent'),
  kHttpsProxyAgent: Symbol('https proxy agent'),
  kSocks5ProxyAgent: Symbol('socks5 proxy agent')
}


/***/ }),

/***/ 65:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const {
  wellknownHeaderNames,
  headerNameLowerCasedRecord
} = __nccwpck_require__(9864)

class TstNode {
  /** @type {any} */
  value = null
  /** @type {null | TstNode} */
  left = null
  /** @type {null | TstNode} */
  middle = null
  /** @type {null | TstNode} */
  right = null
  /** @type {number} */
  code
  /**
   * @param {string} key
   * @param {any} value
   * @param {number} index
   */
  constructor (key, value, index) {
    if (index === undefined || index >= key.length) {
      throw new TypeError('Unreachable')
    }
    const code = this.code = key.charCodeAt(index)
    // check code is ascii string
    if (code > 0x7F) {
      throw new TypeError('key must be ascii string')
    }
    if (key.length !== ++index) {
      this.middle = new TstNode(key, value, index)
    } else {
      this.value = value
    }
  }

  /**
   * @param {string} key
   * @param {any} value
   * @returns {void}
   */
  add (key, value) {
    const length = key.length
    if (length === 0) {
      throw new TypeError('Unreachable')
    }
    let index = 0
    /**
     * @type {TstNode}
     */
    let node = this
    while (true) {
      const code = key.charCodeAt(index)
      // check code is ascii string
      if (code > 0x7F) {
        throw new TypeError('key must be ascii string')
      }
      if (node.code === code) {
        if (length === ++index) {
          node.value = value
          break
        } else if (node.middle !== null) {
          node = node.middle
        } else {
          node.middle = new TstNode(key, value, index)
          break
        }
      } else if (node.code < code) {
        if (node.left !== null) {
          node = node.left
        } else {
          node.left = new TstNode(key, value, index)
          break
        }
      } else if (node.right !== null) {
        node = node.right
      } else {
        node.right = new TstNode(key, value, index)
        break
      }
    }
  }

  /**
   * @param {Uint8Array} key
   * @returns {TstNode | null}
   */
  search (key) {
    const keylength = key.length
    let index = 0
    /**
     * @type {TstNode|null}
     */
    let node = this
    while (node !== null && index < keylength) {
      let code = key[index]
      // A-Z
      // First check if it is bigger than 0x5a.
      // Lowercase letters have higher char codes than uppercase ones.
      // Also we assume that headers will mostly contain lowercase characters.
      if (code <= 0x5a && code >= 0x41) {
        // Lowercase for uppercase.
        code |= 32
      }
      while (node !== null) {
        if (code === node.code) {
          if (keylength === ++index) {
            // Returns Node since it is the last key.
            return node
          }
          node = node.middle
          break
        }
        node = node.code < code ? node.left : node.right
      }
    }
    return null
  }
}

class TernarySearchTree {
  /** @type {TstNode | null} */
  node = null

  /**
   * @param {string} key
   * @param {any} value
   * @returns {void}
   * */
  insert (key, value) {
    if (this.node === null) {
      this.node = new TstNode(key, value, 0)
    } else {
      this.node.add(key, value)
    }
  }

  /**
   * @param {Uint8Array} key
   * @returns {any}
   */
  lookup (key) {
    return this.node?.search(key)?.value ?? null
  }
}

const tree = new TernarySearchTree()

for (let i = 0; i < wellknownHeaderNames.length; ++i) {
  const key = headerNameLowerCasedRecord[wellknownHeaderNames[i]]
  tree.insert(key, key)
}

module.exports = {
  TernarySearchTree,
  tree
}


/***/ }),

/***/ 9145:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const assert = __nccwpck_require__(4589)
const { kDestroyed, kBodyUsed, kListeners, kBody } = __nccwpck_require__(3528)
const IncomingMessage = undefined
const stream = __nccwpck_require__(7075)
const net = __nccwpck_require__(7030)
const { stringify } = __nccwpck_require__(1792)
const { EventEmitter: EE } = __nccwpck_require__(6093)
const timers = __nccwpck_require__(7006)
const { InvalidArgumentError, ConnectTimeoutError } = __nccwpck_require__(9526)
const { headerNameLowerCasedRecord } = __nccwpck_require__(9864)
const tree = { lookup: (name) => (__nccwpck_require__(65).tree).lookup(name) }

const [nodeMajor, nodeMinor] = process.versions.node.split('.', 2).map(v => Number(v))

class BodyAsyncIterable {
  constructor (body) {
    this[kBody] = body
    this[kBodyUsed] = false
  }

  async * [Symbol.asyncIterator] () {
    assert(!this[kBodyUsed], 'disturbed')
    this[kBodyUsed] = true
    yield * this[kBody]
  }
}

function noop () {}

/**
 * @param {*} body
 * @returns {*}
 */
function wrapRequestBody (body) {
  if (isStream(body)) {
    // TODO (fix): Provide some way for the user to cache the file to e.g. /tmp
    // so that it can be dispatched again?
    // TODO (fix): Do we need 100-expect support to provide a way to do this properly?
    if (bodyLength(body) === 0) {
      body
        .on('data', function () {
          assert(false)
        })
    }

    if (typeof body.readableDidRead !== 'boolean') {
      body[kBodyUsed] = false
      EE.prototype.on.call(body, 'data', function () {
        this[kBodyUsed] = true
      })
    }

    return body
  } else if (body && typeof body.pipeTo === 'function') {
    // TODO (fix): We can't access ReadableStream internal state
    // to determine whether or not it has been disturbed. This is just
    // a workaround.
    return new BodyAsyncIterable(body)
  } else if (body && isFormDataLike(body)) {
    return body
  } else if (
    body &&
    typeof body !== 'string' &&
    !ArrayBuffer.isView(body) &&
    isIterable(body)
  ) {
    // TODO: Should we allow re-using iterable if !this.opts.idempotent
    // or through some other flag?
    return new BodyAsyncIterable(body)
  } else {
    return body
  }
}

/**
 * @param {*} obj
 * @returns {obj is import('node:stream').Stream}
 */
function isStream (obj) {
  return obj && typeof obj === 'object' && typeof obj.pipe === 'function' && typeof obj.on === 'function'
}

/**
 * @param {*} object
 * @returns {object is Blob}
 * based on https://github.com/node-fetch/fetch-blob/blob/8ab587d34080de94140b54f07168451e7d0b655e/index.js#L229-L241 (MIT License)
 */
function isBlobLike (object) {
  if (object === null) {
    return false
  } else if (object instanceof Blob) {
    return true
  } else if (typeof object !== 'object') {
    return false
  } else {
    const sTag = object[Symbol.toStringTag]

    return (sTag === 'Blob' || sTag === 'File') && (
      ('stream' in object && typeof object.stream === 'function') ||
      ('arrayBuffer' in object && typeof object.arrayBuffer === 'function')
    )
  }
}

/**
 * @param {string} url The path to check for query strings or fragments.
 * @returns {boolean} Returns true if the path contains a query string or fragment.
 */
function pathHasQueryOrFragment (url) {
  return (
    url.includes('?') ||
    url.includes('#')
  )
}

/**
 * @param {string} url The URL to add the query params to
 * @param {import('node:querystring').ParsedUrlQueryInput} queryParams The object to serialize into a URL query string
 * @returns {string} The URL with the query params added
 */
function serializePathWithQuery (url, queryParams) {
  if (pathHasQueryOrFragment(url)) {
    throw new Error('Query params cannot be passed when url already contains "?" or "#".')
  }

  const stringified = stringify(queryParams)

  if (stringified) {
    url += '?' + stringified
  }

  return url
}

/**
 * @param {number|string|undefined} port
 * @returns {boolean}
 */
function isValidPort (port) {
  const value = parseInt(port, 10)
  return (
    value === Number(port) &&
    value >= 0 &&
    value <= 65535
  )
}

/**
 * Check if the value is a valid http or https prefixed string.
 *
 * @param {string} value
 * @returns {boolean}
 */
function isHttpOrHttpsPrefixed (value) {
  return (
    value != null &&
    value[0] === 'h' &&
    value[1] === 't' &&
    value[2] === 't' &&
    value[3] === 'p' &&
    (
      value[4] === ':' ||
      (
        value[4] === 's' &&
        value[5] === ':'
      )
    )
  )
}

/**
 * @param {string|URL|Record<string,string>} url
 * @returns {URL}
 */
function parseURL (url) {
  if (typeof url === 'string') {
    /**
     * @type {URL}
     */
    url = new URL(url)

    if (!isHttpOrHttpsPrefixed(url.origin || url.protocol)) {
      throw new InvalidArgumentError('Invalid URL protocol: the URL must start with `http:` or `https:`.')
    }

    return url
  }

  if (!url || typeof url !== 'object') {
    throw new InvalidArgumentError('Invalid URL: The URL argument must be a non-null object.')
  }

  if (!(url instanceof URL)) {
    if (url.port != null && url.port !== '' && isValidPort(url.port) === false) {
      throw new InvalidArgumentError('Invalid URL: port must be a valid integer or a string representation of an integer.')
    }

    if (url.path != null && typeof url.path !== 'string') {
      throw new InvalidArgumentError('Invalid URL path: the path must be a string or null/undefined.')
    }

    if (url.pathname != null && typeof url.pathname !== 'string') {
      throw new InvalidArgumentError('Invalid URL pathname: the pathname must be a string or null/undefined.')
    }

    if (url.hostname != null && typeof url.hostname !== 'string') {
      throw new InvalidArgumentError('Invalid URL hostname: the hostname must be a string or null/undefined.')
    }

    if (url.origin != null && typeof url.origin !== 'string') {
      throw new InvalidArgumentError('Invalid URL origin: the origin must be a string or null/undefined.')
    }

    if (!isHttpOrHttpsPrefixed(url.origin || url.protocol)) {
      throw new InvalidArgumentError('Invalid URL protocol: the URL must start with `http:` or `https:`.')
    }

    const port = url.port != null
      ? url.port
      : (url.protocol === 'https:' ? 443 : 80)
    let origin = url.origin != null
      ? url.origin
      : `${url.protocol || ''}//${url.hostname || ''}:${port}`
    let path = url.path != null
      ? url.path
      : `${url.pathname || ''}${url.search || ''}`

    if (origin[origin.length - 1] === '/') {
      origin = origin.slice(0, origin.length - 1)
    }

    if (path && path[0] !== '/') {
      path = `/${path}`
    }
    // new URL(path, origin) is unsafe when `path` contains an absolute URL
    // From https://developer.mozilla.org/en-US/docs/Web/API/URL/URL:
    // If first parameter is a relative URL, second param is required, and will be used as the base URL.
    // If first parameter is an absolute URL, a given second param will be ignored.
    return new URL(`${origin}${path}`)
  }

  if (!isHttpOrHttpsPrefixed(url.origin || url.protocol)) {
    throw new InvalidArgumentError('Invalid URL protocol: the URL must start with `http:` or `https:`.')
  }

  return url
}

/**
 * @param {string|URL|Record<string, string>} url
 * @returns {URL}
 */
function parseOrigin (url) {
  url = parseURL(url)

  if (url.pathname !== '/' || url.search || url.hash) {
    throw new InvalidArgumentError('invalid url')
  }

  return url
}

/**
 * @param {string} host
 * @returns {string}
 */
function getHostname (host) {
  if (host[0] === '[') {
    const idx = host.indexOf(']')

    assert(idx !== -1)
    return host.substring(1, idx)
  }

  const idx = host.indexOf(':')
  if (idx === -1) return host

  return host.substring(0, idx)
}

/**
 * IP addresses are not valid server names per RFC6066
 * Currently, the only server names supported are DNS hostnames
 * @param {string|null} host
 * @returns {string|null}
 */
function getServerName (host) {
  if (!host) {
    return null
  }

  assert(typeof host === 'string')

  const servername = getHostname(host)
  if (net.isIP(servername)) {
    return ''
  }

  return servername
}

/**
 * @function
 * @template T
 * @param {T} obj
 * @returns {T}
 */
function deepClone (obj) {
  return JSON.parse(JSON.stringify(obj))
}

/**
 * @param {*} obj
 * @returns {obj is AsyncIterable}
 */
function isAsyncIterable (obj) {
  return !!(obj != null && typeof obj[Symbol.asyncIterator] === 'function')
}

/**
 * @param {*} obj
 * @returns {obj is Iterable}
 */
function isIterable (obj) {
  return !!(obj != null && (typeof obj[Symbol.iterator] === 'function' || typeof obj[Symbol.asyncIterator] === 'function'))
}

/**
 * Checks whether an object has a safe Symbol.iterator — i.e. one that is
 * either own or inherited from a non-Object.prototype chain.  This prevents
 * prototype-pollution attacks from injecting a fake iterator on
 * Object.prototype.
 * @param {object} obj
 * @returns {boolean}
 */
function hasSafeIterator (obj) {
  const prototype = Object.getPrototypeOf(obj)
  const ownIterator = Object.prototype.hasOwnProperty.call(obj, Symbol.iterator)
  return ownIterator || (prototype != null && prototype !== Object.prototype && typeof obj[Symbol.iterator] === 'function')
}

/**
 * @param {Blob|Buffer|import ('stream').Stream} body
 * @returns {number|null}
 */
function bodyLength (body) {
  if (body == null) {
    return 0
  } else if (isStream(body)) {
    const state = body._readableState
    return state && state.objectMode === false && state.ended === true && Number.isFinite(state.length)
      ? state.length
      : null
  } else if (isBlobLike(body)) {
    return body.size != null ? body.size : null
  } else if (isBuffer(body)) {
    return body.byteLength
  }

  return null
}

/**
 * @param {import ('stream').Stream} body
 * @returns {boolean}
 */
function isDestroyed (body) {
  return body && !!(body.destroyed || body[kDestroyed] || (stream.isDestroyed?.(body)))
}

/**
 * @param {import ('stream').Stream} stream
 * @param {Error} [err]
 * @returns {void}
 */
function destroy (stream, err) {
  if (stream == null || !isStream(stream) || isDestroyed(stream)) {
    return
  }

  if (typeof stream.destroy === 'function') {
    if (Object.getPrototypeOf(stream).constructor === IncomingMessage) {
      // See: https://github.com/nodejs/node/pull/38505/files
      stream.socket = null
    }

    stream.destroy(err)
  } else if (err) {
    queueMicrotask(() => {
      stream.emit('error', err)
    })
  }

  if (stream.destroyed !== true) {
    stream[kDestroyed] = true
  }
}

const KEEPALIVE_TIMEOUT_EXPR = /timeout=(\d+)/
/**
 * @param {string} val
 * @returns {number | null}
 */
function parseKeepAliveTimeout (val) {
  const m = val.match(KEEPALIVE_TIMEOUT_EXPR)
  return m ? parseInt(m[1], 10) * 1000 : null
}

/**
 * Retrieves a header name and returns its lowercase value.
 * @param {string | Buffer} value Header name
 * @returns {string}
 */
function headerNameToString (value) {
  return typeof value === 'string'
    ? headerNameLowerCasedRecord[value] ?? value.toLowerCase()
    : tree.lookup(value) ?? value.toString('latin1').toLowerCase()
}

/**
 * Receive the buffer as a string and return its lowercase value.
 * @param {Buffer} value Header name
 * @returns {string}
 */
function bufferToLowerCasedHeaderName (value) {
  return tree.lookup(value) ?? value.toString('latin1').toLowerCase()
}

/**
 * @param {(Buffer | string)[]} headers
 * @param {Record<string, string | string[]>} [obj]
 * @returns {Record<string, string | string[]>}
 */
function parseHeaders (headers, obj) {
  if (obj === undefined) obj = {}

  for (let i = 0; i < headers.length; i += 2) {
    const key = headerNameToString(headers[i])
    let val = obj[key]

    if (val !== undefined) {
      if (!Object.hasOwn(obj, key)) {
        const headersValue = typeof headers[i + 1] === 'string'
          ? headers[i + 1]
          : Array.isArray(headers[i + 1])
            ? headers[i + 1].map(x => x.toString('latin1'))
            : headers[i + 1].toString('latin1')

        if (key === '__proto__') {
          Object.defineProperty(obj, key, {
            value: headersValue,
            enumerable: true,
            configurable: true,
            writable: true
          })
        } else {
          obj[key] = headersValue
        }
      } else {
        if (typeof val === 'string') {
          val = [val]
          obj[key] = val
        }
        val.push(headers[i + 1].toString('latin1'))
      }
    } else {
      const headersValue = typeof headers[i + 1] === 'string'
        ? headers[i + 1]
        : Array.isArray(headers[i + 1])
          ? headers[i + 1].map(x => x.toString('latin1'))
          : headers[i + 1].toString('latin1')

      obj[key] = headersValue
    }
  }

  return obj
}

/**
 * @param {Buffer[]} headers
 * @returns {string[]}
 */
function parseRawHeaders (headers) {
  const headersLength = headers.length
  /**
   * @type {string[]}
   */
  const ret = new Array(headersLength)

  let key
  let val

  for (let n = 0; n < headersLength; n += 2) {
    key = headers[n]
    val = headers[n + 1]

    typeof key !== 'string' && (key = key.toString())
    typeof val !== 'string' && (val = val.toString('latin1'))

    ret[n] = key
    ret[n + 1] = val
  }

  return ret
}

/**
 * @param {Record<string, string | string[]>} headers
 * @returns {Buffer[]}
 */
function toRawHeaders (headers) {
  const rawHeaders = []

  for (const [name, value] of Object.entries(headers)) {
    if (Array.isArray(value)) {
      for (const entry of value) {
        rawHeaders.push(Buffer.from(name, 'latin1'), Buffer.from(`${entry}`, 'latin1'))
      }
    } else {
      rawHeaders.push(Buffer.from(name, 'latin1'), Buffer.from(`${value}`, 'latin1'))
    }
  }

  return rawHeaders
}

/**
 * @param {string[]} headers
 * @param {Buffer[]} headers
 */
function encodeRawHeaders (headers) {
  if (!Array.isArray(headers)) {
    throw new TypeError('expected headers to be an array')
  }
  return headers.map(x => Buffer.from(x))
}

/**
 * @param {*} buffer
 * @returns {buffer is Buffer}
 */
function isBuffer (buffer) {
  // See, https://github.com/mcollina/undici/pull/319
  return buffer instanceof Uint8Array || Buffer.isBuffer(buffer)
}

/**
 * Asserts that the handler object is a request handler.
 *
 * @param {object} handler
 * @param {string} method
 * @param {string} [upgrade]
 * @returns {asserts handler is import('../api/api-request').RequestHandler}
 */
function assertRequestHandler (handler, method, upgrade) {
  if (!handler || typeof handler !== 'object') {
    throw new InvalidArgumentError('handler must be an object')
  }

  if (typeof handler.onRequestStart === 'function') {
    // TODO (fix): More checks...
    return
  }

  if (typeof handler.onConnect !== 'function') {
    throw new InvalidArgumentError('invalid onConnect method')
  }

  if (typeof handler.onError !== 'function') {
    throw new InvalidArgumentError('invalid onError method')
  }

  if (typeof handler.onBodySent !== 'function' && handler.onBodySent !== undefined) {
    throw new InvalidArgumentError('invalid onBodySent method')
  }

  if (upgrade || method === 'CONNECT') {
    if (typeof handler.onUpgrade !== 'function') {
      throw new InvalidArgumentError('invalid onUpgrade method')
    }
  } else {
    if (typeof handler.onHeaders !== 'function') {
      throw new InvalidArgumentError('invalid onHeaders method')
    }

    if (typeof handler.onData !== 'function') {
      throw new InvalidArgumentError('invalid onData method')
    }

    if (typeof handler.onComplete !== 'function') {
      throw new InvalidArgumentError('invalid onComplete method')
    }
  }
}

/**
 * A body is disturbed if it has been read from and it cannot be re-used without
 * losing state or data.
 * @param {import('node:stream').Readable} body
 * @returns {boolean}
 */
function isDisturbed (body) {
  // TODO (fix): Why is body[kBodyUsed] needed?
  return !!(body && (stream.isDisturbed(body) || body[kBodyUsed]))
}

/**
 * @typedef {object} SocketInfo
 * @property {string} [localAddress]
 * @property {number} [localPort]
 * @property {string} [remoteAddress]
 * @property {number} [remotePort]
 * @property {string} [remoteFamily]
 * @property {number} [timeout]
 * @property {number} bytesWritten
 * @property {number} bytesRead
 */

/**
 * @param {import('net').Socket} socket
 * @returns {SocketInfo}
 */
function getSocketInfo (socket) {
  return {
    localAddress: socket.localAddress,
    localPort: socket.localPort,
    remoteAddress: socket.remoteAddress,
    remotePort: socket.remotePort,
    remoteFamily: socket.remoteFamily,
    timeout: socket.timeout,
    bytesWritten: socket.bytesWritten,
    bytesRead: socket.bytesRead
  }
}

/**
 * @param {Iterable} iterable
 * @returns {ReadableStream}
 */
function ReadableStreamFrom (iterable) {
  // We cannot use ReadableStream.from here because it does not return a byte stream.

  let iterator
  return new ReadableStream(
    {
      start () {
        iterator = iterable[Symbol.asyncIterator]()
      },
      pull (controller) {
        return iterator.next().then(({ done, value }) => {
          if (done) {
            return queueMicrotask(() => {
              controller.close()
              controller.byobRequest?.respond(0)
            })
          } else {
            const buf = Buffer.isBuffer(value) ? value : Buffer.from(value)
            if (buf.byteLength) {
              return controller.enqueue(new Uint8Array(buf))
            } else {
              return this.pull(controller)
            }
          }
        })
      },
      cancel () {
        return iterator.return()
      },
      type: 'bytes'
    }
  )
}

/**
 * The object should be a FormData instance and contains all the required
 * methods.
 * @param {*} object
 * @returns {object is FormData}
 */
function isFormDataLike (object) {
  return (
    object &&
    typeof object === 'object' &&
    typeof object.append === 'function' &&
    typeof object.delete === 'function' &&
    typeof object.get === 'function' &&
    typeof object.getAll === 'function' &&
    typeof object.has === 'function' &&
    typeof object.set === 'function' &&
    object[Symbol.toStringTag] === 'FormData'
  )
}

function addAbortListener (signal, listener) {
  if ('addEventListener' in signal) {
    signal.addEventListener('abort', listener, { once: true })
    return () => signal.removeEventListener('abort', listener)
  }
  signal.once('abort', listener)
  return () => signal.removeListener('abort', listener)
}

const validTokenChars = new Uint8Array([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 0-15
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 16-31
  0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 0, // 32-47 (!"#$%&'()*+,-./)
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, // 48-63 (0-9:;<=>?)
  0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, // 64-79 (@A-O)
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, // 80-95 (P-Z[\]^_)
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, // 96-111 (`a-o)
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0, // 112-127 (p-z{|}~)
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 128-143
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 144-159
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 160-175
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 176-191
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 192-207
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 208-223
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 224-239
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0  // 240-255
])

/**
 * @see https://tools.ietf.org/html/rfc7230#section-3.2.6
 * @param {number} c
 * @returns {boolean}
 */
function isTokenCharCode (c) {
  return (validTokenChars[c] === 1)
}

const tokenRegExp = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/

/**
 * @param {string} characters
 * @returns {boolean}
 */
function isValidHTTPToken (characters) {
  if (characters.length >= 12) return tokenRegExp.test(characters)
  if (characters.length === 0) return false

  for (let i = 0; i < characters.length; i++) {
    if (validTokenChars[characters.charCodeAt(i)] !== 1) {
      return false
    }
  }
  return true
}

// headerCharRegex have been lifted from
// https://github.com/nodejs/node/blob/main/lib/_http_common.js

/**
 * Matches if val contains an invalid field-vchar
 *  field-value    = *( field-content / obs-fold )
 *  field-content  = field-vchar [ 1*( SP / HTAB ) field-vchar ]
 *  field-vchar    = VCHAR / obs-text
 */
const headerCharRegex = /[^\t\x20-\x7e\x80-\xff]/

/**
 * @param {string} characters
 * @returns {boolean}
 */
function isValidHeaderValue (characters) {
  return !headerCharRegex.test(characters)
}

const rangeHeaderRegex = /^bytes (\d+)-(\d+)\/(\d+)?$/

/**
 * @typedef {object} RangeHeader
 * @property {number} start
 * @property {number | null} end
 * @property {number | null} size
 */

/**
 * Parse accordingly to RFC 9110
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.content-range
 * @param {string} [range]
 * @returns {RangeHeader|null}
 */
function parseRangeHeader (range) {
  if (range == null || range === '') return { start: 0, end: null, size: null }

  const m = range ? range.match(rangeHeaderRegex) : null
  return m
    ? {
        start: parseInt(m[1]),
        end: m[2] ? parseInt(m[2]) : null,
        size: m[3] ? parseInt(m[3]) : null
      }
    : null
}

/**
 * @template {import("events").EventEmitter} T
 * @param {T} obj
 * @param {string} name
 * @param {(...args: any[]) => void} listener
 * @returns {T}
 */
function addListener (obj, name, listener) {
  const listeners = (obj[kListeners] ??= [])
  listeners.push([name, listener])
  obj.on(name, listener)
  return obj
}

/**
 * @template {import("events").EventEmitter} T
 * @param {T} obj
 * @returns {T}
 */
function removeAllListeners (obj) {
  if (obj[kListeners] != null) {
    for (const [name, listener] of obj[kListeners]) {
      obj.removeListener(name, listener)
    }
    obj[kListeners] = null
  }
  return obj
}

/**
 * @param {import ('../dispatcher/client')} client
 * @param {import ('../core/request')} request
 * @param {Error} err
 */
function errorRequest (client, request, err) {
  try {
    request.onError(err)
    assert(request.aborted)
  } catch (err) {
    client.emit('error', err)
  }
}

/**
 * @param {WeakRef<net.Socket>} socketWeakRef
 * @param {object} opts
 * @param {number} opts.timeout
 * @param {string} opts.hostname
 * @param {number} opts.port
 * @returns {() => void}
 */
const setupConnectTimeout = process.platform === 'win32'
  ? (socketWeakRef, opts) => {
      if (!opts.timeout) {
        return noop
      }

      let s1 = null
      let s2 = null
      const fastTimer = timers.setFastTimeout(() => {
      // setImmediate is added to make sure that we prioritize socket error events over timeouts
        s1 = setImmediate(() => {
        // Windows needs an extra setImmediate probably due to implementation differences in the socket logic
          s2 = setImmediate(() => onConnectTimeout(socketWeakRef.deref(), opts))
        })
      }, opts.timeout)
      return () => {
        timers.clearFastTimeout(fastTimer)
        clearImmediate(s1)
        clearImmediate(s2)
      }
    }
  : (socketWeakRef, opts) => {
      if (!opts.timeout) {
        return noop
      }

      let s1 = null
      const fastTimer = timers.setFastTimeout(() => {
      // setImmediate is added to make sure that we prioritize socket error events over timeouts
        s1 = setImmediate(() => {
          onConnectTimeout(socketWeakRef.deref(), opts)
        })
      }, opts.timeout)
      return () => {
        timers.clearFastTimeout(fastTimer)
        clearImmediate(s1)
      }
    }

/**
 * @param {net.Socket} socket
 * @param {object} opts
 * @param {number} opts.timeout
 * @param {string} opts.hostname
 * @param {number} opts.port
 */
function onConnectTimeout (socket, opts) {
  // The socket could be already garbage collected
  if (socket == null) {
    return
  }

  let message = 'Connect Timeout Error'
  if (Array.isArray(socket.autoSelectFamilyAttemptedAddresses)) {
    message += ` (attempted addresses: ${socket.autoSelectFamilyAttemptedAddresses.join(', ')},`
  } else {
    message += ` (attempted address: ${opts.hostname}:${opts.port},`
  }

  message += ` timeout: ${opts.timeout}ms)`

  destroy(socket, new ConnectTimeoutError(message))
}

/**
 * @param {string} urlString
 * @returns {string}
 */
function getProtocolFromUrlString (urlString) {
  if (
    urlString[0] === 'h' &&
    urlString[1] === 't' &&
    urlString[2] === 't' &&
    urlString[3] === 'p'
  ) {
    switch (urlString[4]) {
      case ':':
        return 'http:'
      case 's':
        if (urlString[5] === ':') {
          return 'https:'
        }
    }
  }
  // fallback if none of the usual suspects
  return urlString.slice(0, urlString.indexOf(':') + 1)
}

const kEnumerableProperty = Object.create(null)
kEnumerableProperty.enumerable = true

const normalizedMethodRecordsBase = {
  delete: 'DELETE',
  DELETE: 'DELETE',
  get: 'GET',
  GET: 'GET',
  head: 'HEAD',
  HEAD: 'HEAD',
  options: 'OPTIONS',
  OPTIONS: 'OPTIONS',
  post: 'POST',
  POST: 'POST',
  put: 'PUT',
  PUT: 'PUT'
}

const normalizedMethodRecords = {
  ...normalizedMethodRecordsBase,
  patch: 'patch',
  PATCH: 'PATCH'
}

// Note: object prototypes should not be able to be referenced. e.g. `Object#hasOwnProperty`.
Object.setPrototypeOf(normalizedMethodRecordsBase, null)
Object.setPrototypeOf(normalizedMethodRecords, null)

module.exports = {
  kEnumerableProperty,
  isDisturbed,
  isBlobLike,
  parseOrigin,
  parseURL,
  getServerName,
  isStream,
  isIterable,
  hasSafeIterator,
  isAsyncIterable,
  isDestroyed,
  headerNameToString,
  bufferToLowerCasedHeaderName,
  addListener,
  removeAllListeners,
  errorRequest,
  parseRawHeaders,
  toRawHeaders,
  encodeRawHeaders,
  parseHeaders,
  parseKeepAliveTimeout,
  destroy,
  bodyLength,
  deepClone,
  ReadableStreamFrom,
  isBuffer,
  assertRequestHandler,
  getSocketInfo,
  isFormDataLike,
  pathHasQueryOrFragment,
  serializePathWithQuery,
  addAbortListener,
  isValidHTTPToken,
  isValidHeaderValue,
  isTokenCharCode,
  parseRangeHeader,
  normalizedMethodRecordsBase,
  normalizedMethodRecords,
  isValidPort,
  isHttpOrHttpsPrefixed,
  nodeMajor,
  nodeMinor,
  safeHTTPMethods: Object.freeze(['GET', 'HEAD', 'OPTIONS', 'TRACE']),
  wrapRequestBody,
  setupConnectTimeout,
  getProtocolFromUrlString
}


/***/ }),

/***/ 1634:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const { InvalidArgumentError, MaxOriginsReachedError } = __nccwpck_require__(9526)
const { kClients, kRunning, kClose, kDestroy, kDispatch, kUrl } = __nccwpck_require__(3528)
const DispatcherBase = __nccwpck_require__(478)
const Pool = __nccwpck_require__(7985)
const Client = __nccwpck_require__(2092)
const util = __nccwpck_require__(9145)

const kOnConnect = Symbol('onConnect')
const kOnDisconnect = Symbol('onDisconnect')
const kOnConnectionError = Symbol('onConnectionError')
const kOnDrain = Symbol('onDrain')
const kFactory = Symbol('factory')
const kOptions = Symbol('options')
const kOrigins = Symbol('origins')

function defaultFactory (origin, opts) {
  return opts && opts.connections === 1
    ? new Client(origin, opts)
    : new Pool(origin, opts)
}

class Agent extends DispatcherBase {
  constructor ({ factory = defaultFactory, maxOrigins = Infinity, connect, tls, ...options } = {}) {
    if (typeof factory !== 'function') {
      throw new InvalidArgumentError('factory must be a function.')
    }

    if (connect != null && typeof connect !== 'function' && typeof connect !== 'object') {
      throw new InvalidArgumentError('connect must be a function or an object')
    }

    if (typeof maxOrigins !== 'number' || Number.isNaN(maxOrigins) || maxOrigins <= 0) {
      throw new InvalidArgumentError('maxOrigins must be a number greater than 0')
    }

    super(options)

    if (connect && typeof connect !== 'function') {
      connect = { ...connect }
    }

    if (tls && typeof tls !== 'function') {
      tls = { ...tls }
    }

    this[kOptions] = { ...util.deepClone(options), maxOrigins, connect, tls }
    this[kFactory] = factory
    this[kClients] = new Map()
    this[kOrigins] = new Set()

    this[kOnDrain] = (origin, targets) => {
      this.emit('drain', origin, [this, ...targets])
    }

    this[kOnConnect] = (origin, targets) => {
      this.emit('connect', origin, [this, ...targets])
    }

    this[kOnDisconnect] = (origin, targets, err) => {
      this.emit('disconnect', origin, [this, ...targets], err)
    }

    this[kOnConnectionError] = (origin, targets, err) => {
      this.emit('connectionError', origin, [this, ...targets], err)
    }
  }

  get [kRunning] () {
    let ret = 0
    for (const { dispatcher } of this[kClients].values()) {
      ret += dispatcher[kRunning]
    }
    return ret
  }

  [kDispatch] (opts, handler) {
    let key
    if (opts.origin && (typeof opts.origin === 'string' || opts.origin instanceof URL)) {
      key = String(opts.origin)
    } else {
      throw new InvalidArgumentError('opts.origin must be a non-empty string or URL.')
    }

    if (this[kOrigins].size >= this[kOptions].maxOrigins && !this[kOrigins].has(key)) {
      throw new MaxOriginsReachedError()
    }

    const result = this[kClients].get(key)
    let dispatcher = result && result.dispatcher
    if (!dispatcher) {
      const closeClientIfUnused = (connected) => {
        const result = this[kClients].get(key)
        if (result) {
          if (connected) result.count -= 1
          if (result.count <= 0) {
            this[kClients].delete(key)
            if (!result.dispatcher.destroyed) {
              result.dispatcher.close()
            }
          }
          this[kOrigins].delete(key)
        }
      }
      dispatcher = this[kFactory](opts.origin, this[kOptions])
        .on('drain', this[kOnDrain])
        .on('connect', (origin, targets) => {
          const result = this[kClients].get(key)
          if (result) {
            result.count += 1
          }
          this[kOnConnect](origin, targets)
        })
        .on('disconnect', (origin, targets, err) => {
          closeClientIfUnused(true)
          this[kOnDisconnect](origin, targets, err)
        })
        .on('connectionError', (origin, targets, err) => {
          closeClientIfUnused(false)
          this[kOnConnectionError](origin, targets, err)
        })

      this[kClients].set(key, { count: 0, dispatcher })
      this[kOrigins].add(key)
    }

    return dispatcher.dispatch(opts, handler)
  }

  [kClose] () {
    const closePromises = []
    for (const { dispatcher } of this[kClients].values()) {
      closePromises.push(dispatcher.close())
    }
    this[kClients].clear()

    return Promise.all(closePromises)
  }

  [kDestroy] (err) {
    const destroyPromises = []
    for (const { dispatcher } of this[kClients].values()) {
      destroyPromises.push(dispatcher.destroy(err))
    }
    this[kClients].clear()

    return Promise.all(destroyPromises)
  }

  get stats () {
    const allClientStats = {}
    for (const { dispatcher } of this[kClients].values()) {
      if (dispatcher.stats) {
        allClientStats[dispatcher[kUrl].origin] = dispatcher.stats
      }
    }
    return allClientStats
  }
}

module.exports = Agent


/***/ }),

/***/ 3978:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



/* global WebAssembly */

const assert = __nccwpck_require__(4589)
const util = __nccwpck_require__(9145)
const { channels } = __nccwpck_require__(1677)
const timers = __nccwpck_require__(7006)
const {
  RequestContentLengthMismatchError,
  ResponseContentLengthMismatchError,
  RequestAbortedError,
  InvalidArgumentError,
  HeadersTimeoutError,
  HeadersOverflowError,
  SocketError,
  InformationalError,
  BodyTimeoutError,
  HTTPParserError,
  ResponseExceededMaxSizeError
} = __nccwpck_require__(9526)
const {
  kUrl,
  kReset,
  kClient,
  kParser,
  kBlocking,
  kRunning,
  kPending,
  kSize,
  kWriting,
  kQueue,
  kNoRef,
  kKeepAliveDefaultTimeout,
  kHostHeader,
  kPendingIdx,
  kRunningIdx,
  kError,
  kPipelining,
  kSocket,
  kKeepAliveTimeoutValue,
  kMaxHeadersSize,
  kKeepAliveMaxTimeout,
  kKeepAliveTimeoutThreshold,
  kHeadersTimeout,
  kBodyTimeout,
  kStrictContentLength,
  kMaxRequests,
  kCounter,
  kMaxResponseSize,
  kOnError,
  kResume,
  kHTTPContext,
  kClosed
} = __nccwpck_require__(3528)

const constants = __nccwpck_require__(6755)
const EMPTY_BUF = Buffer.alloc(0)
const FastBuffer = Buffer[Symbol.species]
const removeAllListeners = util.removeAllListeners
const kIdleSocketValidation = Symbol('kIdleSocketValidation')
const kIdleSocketValidationTimeout = Symbol('kIdleSocketValidationTimeout')
const kSocketUsed = Symbol('kSocketUsed')
const kTypeOfService = Symbol('kTypeOfService')

let extractBody

function lazyllhttp () {
  const llhttpWasmData = process.env.JEST_WORKER_ID ? __nccwpck_require__(9661) : undefined

  let mod

  // We disable wasm SIMD on older versions of Node.js on ppc64 that are broken on Power >=9 architectures.
  let useWasmSIMD = true
  if (process.arch === 'ppc64') {
    const [major, minor] = process.versions.node.split('.').map(n => parseInt(n, 10))
    if (major < 24 || (major === 24 && minor < 12)) {
      useWasmSIMD = false
    }
  }
  // The Env Variable UNDICI_NO_WASM_SIMD allows explicitly overriding the default behavior
  if (process.env.UNDICI_NO_WASM_SIMD === '1') {
    useWasmSIMD = false
  } else if (process.env.UNDICI_NO_WASM_SIMD === '0') {
    useWasmSIMD = true
  }

  if (useWasmSIMD) {
    try {
      mod = new WebAssembly.Module(__nccwpck_require__(4991))
    } catch {
    }
  }

  if (!mod) {
    // We could check if the error was caused by the simd option not
    // being enabled, but the occurring of this other error
    // * https://github.com/emscripten-core/emscripten/issues/11495
    // got me to remove that check to avoid breaking Node 12.
    mod = new WebAssembly.Module(llhttpWasmData || __nccwpck_require__(9661))
  }

  return new WebAssembly.Instance(mod, {
    env: {
      /**
       * @param {number} p
       * @param {number} at
       * @param {number} len
       * @returns {number}
       */
      wasm_on_url: (p, at, len) => {
        return 0
      },
      /**
       * @param {number} p
       * @param {number} at
       * @param {number} len
       * @returns {number}
       */
      wasm_on_status: (p, at, len) => {
        assert(currentParser.ptr === p)
        const start = at - currentBufferPtr + currentBufferRef.byteOffset
        return currentParser.onStatus(new FastBuffer(currentBufferRef.buffer, start, len))
      },
      /**
       * @param {number} p
       * @returns {number}
       */
      wasm_on_message_begin: (p) => {
        assert(currentParser.ptr === p)
        return currentParser.onMessageBegin()
      },
      /**
       * @param {number} p
       * @param {number} at
       * @param {number} len
       * @returns {number}
       */
      wasm_on_header_field: (p, at, len) => {
        assert(currentParser.ptr === p)
        const start = at - currentBufferPtr + currentBufferRef.byteOffset
        return currentParser.onHeaderField(new FastBuffer(currentBufferRef.buffer, start, len))
      },
      /**
       * @param {number} p
       * @param {number} at
       * @param {number} len
       * @returns {number}
       */
      wasm_on_header_value: (p, at, len) => {
        assert(currentParser.ptr === p)
        const start = at - currentBufferPtr + currentBufferRef.byteOffset
        return currentParser.onHeaderValue(new FastBuffer(currentBufferRef.buffer, start, len))
      },
      /**
       * @param {number} p
       * @param {number} statusCode
       * @param {0|1} upgrade
       * @param {0|1} shouldKeepAlive
       * @returns {number}
       */
      wasm_on_headers_complete: (p, statusCode, upgrade, shouldKeepAlive) => {
        assert(currentParser.ptr === p)
        return currentParser.onHeadersComplete(statusCode, upgrade === 1, shouldKeepAlive === 1)
      },
      /**
       * @param {number} p
       * @param {number} at
       * @param {number} len
       * @returns {number}
       */
      wasm_on_body: (p, at, len) => {
        assert(currentParser.ptr === p)
        const start = at - currentBufferPtr + currentBufferRef.byteOffset
        return currentParser.onBody(new FastBuffer(currentBufferRef.buffer, start, len))
      },
      /**
       * @param {number} p
       * @returns {number}
       */
      wasm_on_message_complete: (p) => {
        assert(currentParser.ptr === p)
        return currentParser.onMessageComplete()
      }

    }
  })
}

let llhttpInstance = null

/**
 * @type {Parser|null}
 */
let currentParser = null
let currentBufferRef = null
/**
 * @type {number}
 */
let currentBufferSize = 0
let currentBufferPtr = null

const USE_NATIVE_TIMER = 0
const USE_FAST_TIMER = 1

// Use fast timers for headers and body to take eventual event loop
// latency into account.
const TIMEOUT_HEADERS = 2 | USE_FAST_TIMER
const TIMEOUT_BODY = 4 | USE_FAST_TIMER

// Use native timers to ignore event loop latency for keep-alive
// handling.
const TIMEOUT_KEEP_ALIVE = 8 | USE_NATIVE_TIMER

class Parser {
  /**
     * @param {import('./client.js')} client
     * @param {import('net').Socket} socket
     * @param {*} llhttp
     */
  constructor (client, socket, { exports }) {
    this.llhttp = exports
    this.ptr = this.llhttp.llhttp_alloc(constants.TYPE.RESPONSE)
    this.client = client
    /**
     * @type {import('net').Socket}
     */
    this.socket = socket
    this.timeout = null
    this.timeoutWeakRef = new WeakRef(this)
    this.timeoutValue = null
    this.timeoutType = null
    this.statusCode = 0
    this.statusText = ''
    this.upgrade = false
    this.headers = []
    this.headersSize = 0
    this.headersMaxSize = client[kMaxHeadersSize]
    this.shouldKeepAlive = false
    this.paused = false
    this.resume = this.resume.bind(this)

    this.bytesRead = 0

    this.keepAlive = ''
    this.contentLength = ''
    this.connection = ''
    this.maxResponseSize = client[kMaxResponseSize]
  }

  setTimeout (delay, type) {
    // If the existing timer and the new timer are of different timer type
    // (fast or native) or have different delay, we need to clear the existing
    // timer and set a new one.
    if (
      delay !== this.timeoutValue ||
      (type & USE_FAST_TIMER) ^ (this.timeoutType & USE_FAST_TIMER)
    ) {
      // If a timeout is already set, clear it with clearTimeout of the fast
      // timer implementation, as it can clear fast and native timers.
      if (this.timeout) {
        timers.clearTimeout(this.timeout)
        this.timeout = null
      }

      if (delay) {
        if (type & USE_FAST_TIMER) {
          this.timeout = timers.setFastTimeout(onParserTimeout, delay, this.timeoutWeakRef)
        } else {
          this.timeout = setTimeout(onParserTimeout, delay, this.timeoutWeakRef)
          this.timeout?.unref()
        }
      }

      this.timeoutValue = delay
    } else if (this.timeout) {
      if (this.timeout.refresh) {
        this.timeout.refresh()
      }
    }

    this.timeoutType = type
  }

  resume () {
    if (this.socket.destroyed || !this.paused) {
      return
    }

    assert(this.ptr != null)
    assert(currentParser === null)

    this.llhttp.llhttp_resume(this.ptr)

    assert(this.timeoutType === TIMEOUT_BODY)
    if (this.timeout) {
      if (this.timeout.refresh) {
        this.timeout.refresh()
      }
    }

    this.paused = false
    this.execute(this.socket.read() || EMPTY_BUF) // Flush parser.
    this.readMore()
  }

  readMore () {
    while (!this.paused && this.ptr) {
      const chunk = this.socket.read()
      if (chunk === null) {
        break
      }
      this.execute(chunk)
    }
  }

  /**
   * @param {Buffer} chunk
   */
  execute (chunk) {
    assert(currentParser === null)
    assert(this.ptr != null)
    assert(!this.paused)

    const { socket, llhttp } = this

    // Allocate a new buffer if the current buffer is too small.
    if (chunk.length > currentBufferSize) {
      if (currentBufferPtr) {
        llhttp.free(currentBufferPtr)
      }
      // Allocate a buffer that is a multiple of 4096 bytes.
      currentBufferSize = Math.ceil(chunk.length / 4096) * 4096
      currentBufferPtr = llhttp.malloc(currentBufferSize)
    }

    new Uint8Array(llhttp.memory.buffer, currentBufferPtr, currentBufferSize).set(chunk)

    // Call `execute` on the wasm parser.
    // We pass the `llhttp_parser` pointer address, the pointer address of buffer view data,
    // and finally the length of bytes to parse.
    // The return value is an error code or `constants.ERROR.OK`.
    try {
      let ret

      try {
        currentBufferRef = chunk
        currentParser = this
        ret = llhttp.llhttp_execute(this.ptr, currentBufferPtr, chunk.length)
      } finally {
        currentParser = null
        currentBufferRef = null
      }

      if (ret !== constants.ERROR.OK) {
        const data = chunk.subarray(llhttp.llhttp_get_error_pos(this.ptr) - currentBufferPtr)

        if (ret === constants.ERROR.PAUSED_UPGRADE) {
          this.onUpgrade(data)
        } else if (ret === constants.ERROR.PAUSED) {
          this.paused = true
          socket.unshift(data)
        } else {
          throw this.createError(ret, data)
        }
      }
    } catch (err) {
      util.destroy(socket, err)
    }
  }

  finish () {
    assert(currentParser === null)
    assert(this.ptr != null)
    assert(!this.paused)

    const { llhttp } = this

    let ret

    try {
      currentParser = this
      ret = llhttp.llhttp_finish(this.ptr)
    } finally {
      currentParser = null
    }

    if (ret === constants.ERROR.OK) {
      return null
    }

    if (ret === constants.ERROR.PAUSED || ret === constants.ERROR.PAUSED_UPGRADE) {
      this.paused = true
      return null
    }

    return this.createError(ret, EMPTY_BUF)
  }

  createError (ret, data) {
    const { llhttp, contentLength, bytesRead } = this

    if (contentLength && bytesRead !== parseInt(contentLength, 10)) {
      return new ResponseContentLengthMismatchError()
    }

    const ptr = llhttp.llhttp_get_error_reason(this.ptr)
    let message = ''
    if (ptr) {
      const len = new Uint8Array(llhttp.memory.buffer, ptr).indexOf(0)
      message =
        'Response does not match the HTTP/1.1 protocol (' +
        Buffer.from(llhttp.memory.buffer, ptr, len).toString() +
        ')'
    }

    return new HTTPParserError(message, constants.ERROR[ret], data)
  }

  destroy () {
    assert(currentParser === null)
    assert(this.ptr != null)

    this.llhttp.llhttp_free(this.ptr)
    this.ptr = null

    this.timeout && timers.clearTimeout(this.timeout)
    this.timeout = null
    this.timeoutValue = null
    this.timeoutType = null

    this.paused = false
  }

  /**
   * @param {Buffer} buf
   * @returns {0}
   */
  onStatus (buf) {
    this.statusText = buf.toString()
    return 0
  }

  /**
   * @returns {0|-1}
   */
  onMessageBegin () {
    const { socket, client } = this

    if (socket.destroyed) {
      return -1
    }

    if (client[kRunning] === 0) {
      util.destroy(socket, new SocketError('bad response', util.getSocketInfo(socket)))
      return -1
    }

    const request = client[kQueue][client[kRunningIdx]]
    if (!request) {
      return -1
    }
    request.onResponseStarted()

    return 0
  }

  /**
   * @param {Buffer} buf
   * @returns {number}
   */
  onHeaderField (buf) {
    const len = this.headers.length

    if ((len & 1) === 0) {
      this.headers.push(buf)
    } else {
      this.headers[len - 1] = Buffer.concat([this.headers[len - 1], buf])
    }

    this.trackHeader(buf.length)

    return 0
  }

  /**
   * @param {Buffer} buf
   * @returns {number}
   */
  onHeaderValue (buf) {
    let len = this.headers.length

    if ((len & 1) === 1) {
      this.headers.push(buf)
      len += 1
    } else {
      this.headers[len - 1] = Buffer.concat([this.headers[len - 1], buf])
    }

    const key = this.headers[len - 2]
    if (key.length === 10) {
      const headerName = util.bufferToLowerCasedHeaderName(key)
      if (headerName === 'keep-alive') {
        this.keepAlive += buf.toString()
      } else if (headerName === 'connection') {
        this.connection += buf.toString()
      }
    } else if (key.length === 14 && util.bufferToLowerCasedHeaderName(key) === 'content-length') {
      this.contentLength += buf.toString()
    }

    this.trackHeader(buf.length)

    return 0
  }

  /**
   * @param {number} len
   */
  trackHeader (len) {
    this.headersSize += len
    if (this.headersSize >= this.headersMaxSize) {
      util.destroy(this.socket, new HeadersOverflowError())
    }
  }

  /**
   * @param {Buffer} head
   */
  onUpgrade (head) {
    const { upgrade, client, socket, headers, statusCode, statusText } = this

    assert(upgrade)
    assert(client[kSocket] === socket)
    assert(!socket.destroyed)
    assert(!this.paused)
    assert((headers.length & 1) === 0)

    const request = client[kQueue][client[kRunningIdx]]
    assert(request)
    assert(request.upgrade || request.method === 'CONNECT')

    this.statusCode = 0
    this.statusText = ''
    this.shouldKeepAlive = false

    this.headers = []
    this.headersSize = 0

    socket.unshift(head)

    socket[kParser].destroy()
    socket[kParser] = null

    socket[kClient] = null
    socket[kError] = null

    removeAllListeners(socket)

    client[kSocket] = null
    client[kHTTPContext] = null // TODO (fix): This is hacky...
    client[kQueue][client[kRunningIdx]++] = null
    client.emit('disconnect', client[kUrl], [client], new InformationalError('upgrade'))

    try {
      request.onUpgrade(statusCode, headers, socket, statusText)
    } catch (err) {
      util.errorRequest(client, request, err)
      util.destroy(socket, err)
    }

    client[kResume]()
  }

  /**
   * @param {number} statusCode
   * @param {boolean} upgrade
   * @param {boolean} shouldKeepAlive
   * @returns {number}
   */
  onHeadersComplete (statusCode, upgrade, shouldKeepAlive) {
    const { client, socket, headers, statusText } = this

    if (socket.destroyed) {
      return -1
    }

    if (client[kRunning] === 0) {
      util.destroy(socket, new SocketError('bad response', util.getSocketInfo(socket)))
      return -1
    }

    const request = client[kQueue][client[kRunningIdx]]

    if (!request) {
      return -1
    }

    assert(!this.upgrade)
    assert(this.statusCode < 200)

    if (statusCode === 100) {
      util.destroy(socket, new SocketError('bad response', util.getSocketInfo(socket)))
      return -1
    }

    /* this can only happen if server is misbehaving */
    if (upgrade && !request.upgrade) {
      util.destroy(socket, new SocketError('bad upgrade', util.getSocketInfo(socket)))
      return -1
    }

    assert(this.timeoutType === TIMEOUT_HEADERS)

    this.statusCode = statusCode
    this.shouldKeepAlive = (
      shouldKeepAlive ||
      // Override llhttp value which does not allow keepAlive for HEAD.
      (request.method === 'HEAD' && !socket[kReset] && this.connection.toLowerCase() === 'keep-alive')
    )

    if (this.statusCode >= 200) {
      const bodyTimeout = request.bodyTimeout != null
        ? request.bodyTimeout
        : client[kBodyTimeout]
      this.setTimeout(bodyTimeout, TIMEOUT_BODY)
    } else if (this.timeout) {
      if (this.timeout.refresh) {
        this.timeout.refresh()
      }
    }

    if (request.method === 'CONNECT') {
      assert(client[kRunning] === 1)
      this.upgrade = true
      return 2
    }

    if (upgrade) {
      assert(client[kRunning] === 1)
      this.upgrade = true
      return 2
    }

    assert((this.headers.length & 1) === 0)
    this.headers = []
    this.headersSize = 0

    if (this.shouldKeepAlive && client[kPipelining]) {
      const keepAliveTimeout = this.keepAlive ? util.parseKeepAliveTimeout(this.keepAlive) : null

      if (keepAliveTimeout != null) {
        const timeout = Math.min(
          keepAliveTimeout - client[kKeepAliveTimeoutThreshold],
          client[kKeepAliveMaxTimeout]
        )
        if (timeout <= 0) {
          socket[kReset] = true
        } else {
          client[kKeepAliveTimeoutValue] = timeout
        }
      } else {
        client[kKeepAliveTimeoutValue] = client[kKeepAliveDefaultTimeout]
      }
    } else {
      // Stop more requests from being dispatched.
      socket[kReset] = true
    }

    const pause = request.onHeaders(statusCode, headers, this.resume, statusText) === false

    if (request.aborted) {
      return -1
    }

    if (request.method === 'HEAD') {
      return 1
    }

    if (statusCode < 200) {
      return 1
    }

    if (socket[kBlocking]) {
      socket[kBlocking] = false
      client[kResume]()
    }

    return pause ? constants.ERROR.PAUSED : 0
  }

  /**
   * @param {Buffer} buf
   * @returns {number}
   */
  onBody (buf) {
    const { client, socket, statusCode, maxResponseSize } = this

    if (socket.destroyed) {
      return -1
    }

    const request = client[kQueue][client[kRunningIdx]]
    assert(request)

    assert(this.timeoutType === TIMEOUT_BODY)
    if (this.timeout) {
      if (this.timeout.refresh) {
        this.timeout.refresh()
      }
    }

    assert(statusCode >= 200)

    if (maxResponseSize > -1 && this.bytesRead + buf.length > maxResponseSize) {
      util.destroy(socket, new ResponseExceededMaxSizeError())
      return -1
    }

    this.bytesRead += buf.length

    if (request.onData(buf) === false) {
      return constants.ERROR.PAUSED
    }

    return 0
  }

  /**
   * @returns {number}
   */
  onMessageComplete () {
    const { client, socket, statusCode, upgrade, headers, contentLength, bytesRead, shouldKeepAlive } = this

    if (socket.destroyed && (!statusCode || shouldKeepAlive)) {
      return -1
    }

    if (upgrade) {
      return 0
    }

    assert(statusCode >= 100)
    assert((this.headers.length & 1) === 0)

    const request = client[kQueue][client[kRunningIdx]]
    assert(request)

    this.statusCode = 0
    this.statusText = ''
    this.bytesRead = 0
    this.contentLength = ''
    this.keepAlive = ''
    this.connection = ''

    this.headers = []
    this.headersSize = 0

    if (statusCode < 200) {
      return 0
    }

    if (request.method !== 'HEAD' && contentLength && bytesRead !== parseInt(contentLength, 10)) {
      util.destroy(socket, new ResponseContentLengthMismatchError())
      return -1
    }

    request.onComplete(headers)

    client[kQueue][client[kRunningIdx]++] = null
    socket[kSocketUsed] = client[kPending] === 0

    if (socket[kWriting]) {
      assert(client[kRunning] === 0)
      // Response completed before request.
      util.destroy(socket, new InformationalError('reset'))
      return constants.ERROR.PAUSED
    } else if (!shouldKeepAlive) {
      util.destroy(socket, new InformationalError('reset'))
      return constants.ERROR.PAUSED
    } else if (socket[kReset] && client[kRunning] === 0) {
      // Destroy socket once all requests have completed.
      // The request at the tail of the pipeline is the one
      // that requested reset and no further requests should
      // have been queued since then.
      util.destroy(socket, new InformationalError('reset'))
      return constants.ERROR.PAUSED
    } else if (client[kPipelining] == null || client[kPipelining] === 1) {
      // We must wait a full event loop cycle to reuse this socket to make sure
      // that non-spec compliant servers are not closing the connection even if they
      // said they won't.
      setImmediate(client[kResume])
    } else {
      client[kResume]()
    }

    return 0
  }
}

function onParserTimeout (parserWeakRef) {
  const parser = parserWeakRef.deref()
  if (!parser) {
    return
  }

  const { socket, timeoutType, client, paused } = parser

  if (timeoutType === TIMEOUT_HEADERS) {
    if (!socket[kWriting] || socket.writableNeedDrain || client[kRunning] > 1) {
      assert(!paused, 'cannot be paused while waiting for headers')
      util.destroy(socket, new HeadersTimeoutError())
    }
  } else if (timeoutType === TIMEOUT_BODY) {
    if (!paused) {
      util.destroy(socket, new BodyTimeoutError())
    }
  } else if (timeoutType === TIMEOUT_KEEP_ALIVE) {
    assert(client[kRunning] === 0 && client[kKeepAliveTimeoutValue])
    util.destroy(socket, new InformationalError('socket idle timeout'))
  }
}

/**
 * @param {import ('./client.js')} client
 * @param {import('net').Socket} socket
 * @returns
 */
function connectH1 (client, socket) {
  client[kSocket] = socket

  if (!llhttpInstance) {
    llhttpInstance = lazyllhttp()
  }

  if (socket.errored) {
    throw socket.errored
  }

  if (socket.destroyed) {
    throw new SocketError('destroyed')
  }

  socket[kNoRef] = false
  socket[kWriting] = false
  socket[kReset] = false
  socket[kBlocking] = false
  socket[kIdleSocketValidation] = 0
  socket[kIdleSocketValidationTimeout] = null
  socket[kSocketUsed] = false
  socket[kParser] = new Parser(client, socket, llhttpInstance)

  util.addListener(socket, 'error', onHttpSocketError)
  util.addListener(socket, 'readable', onHttpSocketReadable)
  util.addListener(socket, 'end', onHttpSocketEnd)
  util.addListener(socket, 'close', onHttpSocketClose)

  socket[kClosed] = false
  socket.on('close', onSocketClose)

  return {
    version: 'h1',
    defaultPipelining: 1,
    write (request) {
      return writeH1(client, request)
    },
    resume () {
      resumeH1(client)
    },
    /**
     * @param {Error|undefined} err
     * @param {() => void} callback
     */
    destroy (err, callback) {
      if (socket[kClosed]) {
        queueMicrotask(callback)
      } else {
        socket.on('close', callback)
        socket.destroy(err)
      }
    },
    /**
     * @returns {boolean}
     */
    get destroyed () {
      return socket.destroyed
    },
    /**
     * @param {import('../core/request.js')} request
     * @returns {boolean}
     */
    busy (request) {
      if (socket[kWriting] || socket[kReset] || socket[kBlocking] || socket[kIdleSocketValidation] === 1) {
        return true
      }

      if (request) {
        if (client[kRunning] > 0 && !request.idempotent) {
          // Non-idempotent request cannot be retried.
          // Ensure that no other requests are inflight and
          // could cause failure.
          return true
        }

        if (client[kRunning] > 0 && (request.upgrade || request.method === 'CONNECT')) {
          // Don't dispatch an upgrade until all preceding requests have completed.
          // A misbehaving server might upgrade the connection before all pipelined
          // request has completed.
          return true
        }

        if (client[kRunning] > 0 && util.bodyLength(request.body) !== 0 &&
          (util.isStream(request.body) || util.isAsyncIterable(request.body) || util.isFormDataLike(request.body))) {
          // Request with stream or iterator body can error while other requests
          // are inflight and indirectly error those as well.
          // Ensure this doesn't happen by waiting for inflight
          // to complete before dispatching.

          // Request with stream or iterator body cannot be retried.
          // Ensure that no other requests are inflight and
          // could cause failure.
          return true
        }
      }

      return false
    }
  }
}

function onHttpSocketError (err) {
  const parser = this[kParser]

  // On Mac OS, we get an ECONNRESET even if there is a full body to be forwarded
  // to the user.
  if (err.code === 'ECONNRESET' && parser.statusCode && !parser.shouldKeepAlive) {
    const parserErr = parser.finish()
    if (parserErr) {
      this[kError] = parserErr
      this[kClient][kOnError](parserErr)
    }
    return
  }

  this[kError] = err

  this[kClient][kOnError](err)
}

function onHttpSocketReadable () {
  this[kParser]?.readMore()
}

function onHttpSocketEnd () {
  const parser = this[kParser]

  if (parser.statusCode && !parser.shouldKeepAlive) {
    const parserErr = parser.finish()
    if (parserErr) {
      util.destroy(this, parserErr)
    }
    return
  }

  util.destroy(this, new SocketError('other side closed', util.getSocketInfo(this)))
}

function onHttpSocketClose () {
  const parser = this[kParser]

  clearIdleSocketValidation(this)

  if (parser) {
    if (!this[kError] && parser.statusCode && !parser.shouldKeepAlive) {
      this[kError] = parser.finish() || this[kError]
    }

    this[kParser].destroy()
    this[kParser] = null
  }

  const err = this[kError] || new SocketError('closed', util.getSocketInfo(this))

  const client = this[kClient]

  client[kSocket] = null
  client[kHTTPContext] = null // TODO (fix): This is hacky...

  if (client.destroyed) {
    assert(client[kPending] === 0)

    // Fail entire queue.
    const requests = client[kQueue].splice(client[kRunningIdx])
    for (let i = 0; i < requests.length; i++) {
      const request = requests[i]
      util.errorRequest(client, request, err)
    }
  } else if (client[kRunning] > 0 && err.code !== 'UND_ERR_INFO') {
    // Fail head of pipeline.
    const request = client[kQueue][client[kRunningIdx]]
    client[kQueue][client[kRunningIdx]++] = null

    util.errorRequest(client, request, err)
  }

  client[kPendingIdx] = client[kRunningIdx]

  assert(client[kRunning] === 0)

  client.emit('disconnect', client[kUrl], [client], err)

  client[kResume]()
}

function onSocketClose () {
  this[kClosed] = true
}

function clearIdleSocketValidation (socket) {
  if (socket[kIdleSocketValidationTimeout]) {
    clearImmediate(socket[kIdleSocketValidationTimeout])
    socket[kIdleSocketValidationTimeout] = null
  }

  socket[kIdleSocketValidation] = 0
}

function scheduleIdleSocketValidation (client, socket) {
  socket[kIdleSocketValidation] = 1
  // Yield to the check phase (after poll) so unsolicited bytes / FIN / RST
  // already pending on this idle keep-alive socket are processed before the
  // next request is written (GHSA-35p6-xmwp-9g52).
  //
  // setTimeout(0) pays Node's ~1ms timer floor on every sequential reuse
  // (#5493). setImmediate avoids that, but an *unref'd* Immediate lets poll
  // block for ~500ms when the event loop is otherwise idle (#5600 / #5606).
  // A ref'd Immediate both keeps the pending request alive and makes poll
  // return immediately — the hybrid those issues asked for.
  socket[kIdleSocketValidationTimeout] = setImmediate(() => {
    socket[kIdleSocketValidationTimeout] = null
    socket[kIdleSocketValidation] = 2

    if (client[kSocket] === socket && !socket.destroyed) {
      client[kResume]()
    }
  })
}

/**
 * @param {import('./client.js')} client
 */
function resumeH1 (client) {
  const socket = client[kSocket]

  if (socket && !socket.destroyed) {
    if (client[kSize] === 0) {
      if (!socket[kNoRef] && socket.unref) {
        socket.unref()
        socket[kNoRef] = true
      }
    } else if (socket[kNoRef] && socket.ref) {
      socket.ref()
      socket[kNoRef] = false
    }

    if (client[kRunning] === 0 && client[kPending] > 0 && socket[kSocketUsed]) {
      if (socket[kIdleSocketValidation] === 0) {
        scheduleIdleSocketValidation(client, socket)
        socket[kParser].readMore()
        if (socket.destroyed) {
          return
        }
        return
      }

      if (socket[kIdleSocketValidation] === 1) {
        socket[kParser].readMore()
        if (socket.destroyed) {
          return
        }
        return
      }
    }

    if (client[kRunning] === 0) {
      socket[kParser].readMore()
      if (socket.destroyed) {
        return
      }
    }

    if (client[kSize] === 0) {
      if (socket[kParser].timeoutType !== TIMEOUT_KEEP_ALIVE) {
        socket[kParser].setTimeout(client[kKeepAliveTimeoutValue], TIMEOUT_KEEP_ALIVE)
      }
    } else if (client[kRunning] > 0 && socket[kParser].statusCode < 200) {
      if (socket[kParser].timeoutType !== TIMEOUT_HEADERS) {
        const request = client[kQueue][client[kRunningIdx]]
        const headersTimeout = request.headersTimeout != null
          ? request.headersTimeout
          : client[kHeadersTimeout]
        socket[kParser].setTimeout(headersTimeout, TIMEOUT_HEADERS)
      }
    }
  }
}

// https://www.rfc-editor.org/rfc/rfc7230#section-3.3.2
function shouldSendContentLength (method) {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS' && method !== 'TRACE' && method !== 'CONNECT'
}

function setTypeOfService (socket, request) {
  if (typeof socket.setTypeOfService !== 'function') {
    return
  }

  const typeOfService = request.typeOfService

  if (typeOfService === undefined) {
    return
  }

  const currentTypeOfService = socket[kTypeOfService]

  if (currentTypeOfService === typeOfService) {
    return
  }

  try {
    socket.setTypeOfService(typeOfService)
    socket[kTypeOfService] = typeOfService
  } catch {
    // QoS marking is best-effort. setTypeOfService() can throw synchronously on
    // some platforms depending on socket state, but that must not abort the request.
  }
}

/**
 * @param {import('./client.js')} client
 * @param {import('../core/request.js')} request
 * @returns
 */
function writeH1 (client, request) {
  const { method, path, host, upgrade, blocking, reset } = request

  let { body, headers, contentLength } = request

  // https://tools.ietf.org/html/rfc7231#section-4.3.1
  // https://tools.ietf.org/html/rfc7231#section-4.3.2
  // https://tools.ietf.org/html/rfc7231#section-4.3.5

  // Sending a payload body on a request that does not
  // expect it can cause undefined behavior on some
  // servers and corrupt connection state. Do not
  // re-use the connection for further requests.

  const expectsPayload = (
    method === 'PUT' ||
    method === 'POST' ||
    method === 'PATCH' ||
    method === 'QUERY' ||
    method === 'PROPFIND' ||
    method === 'PROPPATCH'
  )

  if (util.isFormDataLike(body)) {
    if (!extractBody) {
      throw new InvalidArgumentError('bodies are strings')
    }

    const [bodyStream, contentType] = extractBody(body)
    if (request.contentType == null) {
      headers.push('content-type', contentType)
    }
    body = bodyStream.stream
    contentLength = bodyStream.length
  } else if (util.isBlobLike(body) && request.contentType == null) {
    const contentType = body.type
    if (contentType) {
      const contentTypeValue = `${contentType}`
      if (!util.isValidHeaderValue(contentTypeValue)) {
        util.errorRequest(client, request, new InvalidArgumentError('invalid content-type header'))
        return false
      }
      headers.push('content-type', contentTypeValue)
    }
  }

  if (body && typeof body.read === 'function') {
    // Try to read EOF in order to get length.
    body.read(0)
  }

  const bodyLength = util.bodyLength(body)

  contentLength = bodyLength ?? contentLength

  if (contentLength === null) {
    contentLength = request.contentLength
  }

  if (contentLength === 0 && !expectsPayload) {
    // https://tools.ietf.org/html/rfc7230#section-3.3.2
    // A user agent SHOULD NOT send a Content-Length header field when
    // the request message does not contain a payload body and the method
    // semantics do not anticipate such a body.

    contentLength = null
  }

  // https://github.com/nodejs/undici/issues/2046
  // A user agent may send a Content-Length header with 0 value, this should be allowed.
  if (shouldSendContentLength(method) && contentLength > 0 && request.contentLength !== null && request.contentLength !== contentLength) {
    if (client[kStrictContentLength]) {
      util.errorRequest(client, request, new RequestContentLengthMismatchError())
      return false
    }

    process.emitWarning(new RequestContentLengthMismatchError())
  }

  const socket = client[kSocket]
  clearIdleSocketValidation(socket)

  /**
   * @param {Error} [err]
   * @returns {void}
   */
  const abort = (err) => {
    if (request.aborted || request.completed) {
      return
    }

    util.errorRequest(client, request, err || new RequestAbortedError())

    util.destroy(body)
    util.destroy(socket, new InformationalError('aborted'))
  }

  try {
    request.onConnect(abort)
  } catch (err) {
    util.errorRequest(client, request, err)
  }

  if (request.aborted) {
    return false
  }

  if (method === 'HEAD') {
    // https://github.com/mcollina/undici/issues/258
    // Close after a HEAD request to interop with misbehaving servers
    // that may send a body in the response.

    socket[kReset] = true
  }

  if (upgrade || method === 'CONNECT') {
    // On CONNECT or upgrade, block pipeline from dispatching further
    // requests on this connection.

    socket[kReset] = true
  }

  if (reset != null) {
    socket[kReset] = reset
  }

  if (client[kMaxRequests] && socket[kCounter]++ >= client[kMaxRequests]) {
    socket[kReset] = true
  }

  if (blocking) {
    socket[kBlocking] = true
  }

  setTypeOfService(socket, request)

  let header = `${method} ${path} HTTP/1.1\r\n`

  if (typeof host === 'string') {
    header += `host: ${host}\r\n`
  } else {
    header += client[kHostHeader]
  }

  if (upgrade) {
    header += `connection: upgrade\r\nupgrade: ${upgrade}\r\n`
  } else if (client[kPipelining] && !socket[kReset]) {
    header += 'connection: keep-alive\r\n'
  } else {
    header += 'connection: close\r\n'
  }

  if (Array.isArray(headers)) {
    for (let n = 0; n < headers.length; n += 2) {
      const key = headers[n + 0]
      const val = headers[n + 1]

      if (Array.isArray(val)) {
        for (let i = 0; i < val.length; i++) {
          header += `${key}: ${val[i]}\r\n`
        }
      } else {
        header += `${key}: ${val}\r\n`
      }
    }
  }

  if (channels.sendHeaders.hasSubscribers) {
    channels.sendHeaders.publish({ request, headers: header, socket })
  }

  if (!body || bodyLength === 0) {
    writeBuffer(abort, null, client, request, socket, contentLength, header, expectsPayload)
  } else if (util.isBuffer(body)) {
    writeBuffer(abort, body, client, request, socket, contentLength, header, expectsPayload)
  } else if (util.isBlobLike(body)) {
    if (typeof body.stream === 'function') {
      writeIterable(abort, body.stream(), client, request, socket, contentLength, header, expectsPayload)
    } else {
      writeBlob(abort, body, client, request, socket, contentLength, header, expectsPayload)
    }
  } else if (util.isStream(body)) {
    writeStream(abort, body, client, request, socket, contentLength, header, expectsPayload)
  } else if (util.isIterable(body)) {
    writeIterable(abort, body, client, request, socket, contentLength, header, expectsPayload)
  } else {
    assert(false)
  }

  return true
}

/**
 * @param {AbortCallback} abort
 * @param {import('stream').Stream} body
 * @param {import('./client.js')} client
 * @param {import('../core/request.js')} request
 * @param {import('net').Socket} socket
 * @param {number} contentLength
 * @param {string} header
 * @param {boolean} expectsPayload
 */
function writeStream (abort, body, client, request, socket, contentLength, header, expectsPayload) {
  assert(contentLength !== 0 || client[kRunning] === 0, 'stream body cannot be pipelined')

  let finished = false

  const writer = new AsyncWriter({ abort, socket, request, contentLength, client, expectsPayload, header })

  /**
   * @param {Buffer} chunk
   * @returns {void}
   */
  const onData = function (chunk) {
    if (finished) {
      return
    }

    try {
      if (!writer.write(chunk) && this.pause) {
        this.pause()
      }
    } catch (err) {
      util.destroy(this, err)
    }
  }

  /**
   * @returns {void}
   */
  const onDrain = function () {
    if (finished) {
      return
    }

    if (body.resume) {
      body.resume()
    }
  }

  /**
   * @returns {void}
   */
  const onClose = function () {
    // 'close' might be emitted *before* 'error' for
    // broken streams. Wait a tick to avoid this case.
    queueMicrotask(() => {
      // It's only safe to remove 'error' listener after
      // 'close'.
      body.removeListener('error', onFinished)
    })

    if (!finished) {
      const err = new RequestAbortedError()
      queueMicrotask(() => onFinished(err))
    }
  }

  /**
   * @param {Error} [err]
   * @returns
   */
  const onFinished = function (err) {
    if (finished) {
      return
    }

    finished = true

    assert(socket.destroyed || (socket[kWriting] && client[kRunning] <= 1))

    socket
      .off('drain', onDrain)
      .off('error', onFinished)

    body
      .removeListener('data', onData)
      .removeListener('end', onFinished)
      .removeListener('close', onClose)

    if (!err) {
      try {
        writer.end()
      } catch (er) {
        err = er
      }
    }

    writer.destroy(err)

    if (err && (err.code !== 'UND_ERR_INFO' || err.message !== 'reset')) {
      util.destroy(body, err)
    } else {
      util.destroy(body)
    }
  }

  body
    .on('data', onData)
    .on('end', onFinished)
    .on('error', onFinished)
    .on('close', onClose)

  if (body.resume) {
    body.resume()
  }

  socket
    .on('drain', onDrain)
    .on('error', onFinished)

  if (body.errorEmitted ?? body.errored) {
    setImmediate(onFinished, body.errored)
  } else if (body.endEmitted ?? body.readableEnded) {
    setImmediate(onFinished, null)
  }

  if (body.closeEmitted ?? body.closed) {
    setImmediate(onClose)
  }
}

/**
 * @typedef AbortCallback
 * @type {Function}
 * @param {Error} [err]
 * @returns {void}
 */

/**
 * @param {AbortCallback} abort
 * @param {Uint8Array|null} body
 * @param {import('./client.js')} client
 * @param {import('../core/request.js')} request
 * @param {import('net').Socket} socket
 * @param {number} contentLength
 * @param {string} header
 * @param {boolean} expectsPayload
 * @returns {void}
 */
function writeBuffer (abort, body, client, request, socket, contentLength, header, expectsPayload) {
  try {
    if (!body) {
      if (contentLength === 0) {
        socket.write(`${header}content-length: 0\r\n\r\n`, 'latin1')
      } else {
        assert(contentLength === null, 'no body must not have content length')
        socket.write(`${header}\r\n`, 'latin1')
      }
    } else if (util.isBuffer(body)) {
      assert(contentLength === body.byteLength, 'buffer body must have content length')

      socket.cork()
      socket.write(`${header}content-length: ${contentLength}\r\n\r\n`, 'latin1')
      socket.write(body)
      socket.uncork()
      request.onBodySent(body)

      if (!expectsPayload && request.reset !== false) {
        socket[kReset] = true
      }
    }
    request.onRequestSent()

    client[kResume]()
  } catch (err) {
    abort(err)
  }
}

/**
 * @param {AbortCallback} abort
 * @param {Blob} body
 * @param {import('./client.js')} client
 * @param {import('../core/request.js')} request
 * @param {import('net').Socket} socket
 * @param {number} contentLength
 * @param {string} header
 * @param {boolean} expectsPayload
 * @returns {Promise<void>}
 */
async function writeBlob (abort, body, client, request, socket, contentLength, header, expectsPayload) {
  assert(contentLength === body.size, 'blob body must have content length')

  try {
    if (contentLength != null && contentLength !== body.size) {
      throw new RequestContentLengthMismatchError()
    }

    const buffer = Buffer.from(await body.arrayBuffer())

    socket.cork()
    socket.write(`${header}content-length: ${contentLength}\r\n\r\n`, 'latin1')
    socket.write(buffer)
    socket.uncork()

    request.onBodySent(buffer)
    request.onRequestSent()

    if (!expectsPayload && request.reset !== false) {
      socket[kReset] = true
    }

    client[kResume]()
  } catch (err) {
    abort(err)
  }
}

/**
 * @param {AbortCallback} abort
 * @param {Iterable} body
 * @param {import('./client.js')} client
 * @param {import('../core/request.js')} request
 * @param {import('net').Socket} socket
 * @param {number} contentLength
 * @param {string} header
 * @param {boolean} expectsPayload
 * @returns {Promise<void>}
 */
async function writeIterable (abort, body, client, request, socket, contentLength, header, expectsPayload) {
  assert(contentLength !== 0 || client[kRunning] === 0, 'iterator body cannot be pipelined')

  let callback = null
  function onDrain () {
    if (callback) {
      const cb = callback
      callback = null
      cb()
    }
  }

  const waitForDrain = () => new Promise((resolve, reject) => {
    assert(callback === null)

    if (socket[kError]) {
      reject(socket[kError])
    } else {
      callback = resolve
    }
  })

  socket
    .on('close', onDrain)
    .on('drain', onDrain)

  const writer = new AsyncWriter({ abort, socket, request, contentLength, client, expectsPayload, header })
  try {
    // It's up to the user to somehow abort the async iterable.
    for await (const chunk of body) {
      if (socket[kError]) {
        throw socket[kError]
      }

      if (!writer.write(chunk)) {
        await waitForDrain()
      }
    }

    writer.end()
  } catch (err) {
    writer.destroy(err)
  } finally {
    socket
      .off('close', onDrain)
      .off('drain', onDrain)
  }
}

class AsyncWriter {
  /**
   *
   * @param {object} arg
   * @param {AbortCallback} arg.abort
   * @param {import('net').Socket} arg.socket
   * @param {import('../core/request.js')} arg.request
   * @param {number} arg.contentLength
   * @param {import('./client.js')} arg.client
   * @param {boolean} arg.expectsPayload
   * @param {string} arg.header
   */
  constructor ({ abort, socket, request, contentLength, client, expectsPayload, header }) {
    this.socket = socket
    this.request = request
    this.contentLength = contentLength
    this.client = client
    this.bytesWritten = 0
    this.expectsPayload = expectsPayload
    this.header = header
    this.abort = abort

    socket[kWriting] = true
  }

  /**
   * @param {Buffer} chunk
   * @returns
   */
  write (chunk) {
    const { socket, request, contentLength, client, bytesWritten, expectsPayload, header } = this

    if (socket[kError]) {
      throw socket[kError]
    }

    if (socket.destroyed) {
      return false
    }

    const len = Buffer.byteLength(chunk)
    if (!len) {
      return true
    }

    // We should defer writing chunks.
    if (contentLength !== null && bytesWritten + len > contentLength) {
      if (client[kStrictContentLength]) {
        throw new RequestContentLengthMismatchError()
      }

      process.emitWarning(new RequestContentLengthMismatchError())
    }

    socket.cork()

    if (bytesWritten === 0) {
      if (!expectsPayload && request.reset !== false) {
        socket[kReset] = true
      }

      if (contentLength === null) {
        socket.write(`${header}transfer-encoding: chunked\r\n`, 'latin1')
      } else {
        socket.write(`${header}content-length: ${contentLength}\r\n\r\n`, 'latin1')
      }
    }

    if (contentLength === null) {
      socket.write(`\r\n${len.toString(16)}\r\n`, 'latin1')
    }

    this.bytesWritten += len

    const ret = socket.write(chunk)

    socket.uncork()

    request.onBodySent(chunk)

    if (!ret) {
      if (socket[kParser].timeout && socket[kParser].timeoutType === TIMEOUT_HEADERS) {
        if (socket[kParser].timeout.refresh) {
          socket[kParser].timeout.refresh()
        }
      }
    }

    return ret
  }

  /**
   * @returns {void}
   */
  end () {
    const { socket, contentLength, client, bytesWritten, expectsPayload, header, request } = this
    request.onRequestSent()

    socket[kWriting] = false

    if (socket[kError]) {
      throw socket[kError]
    }

    if (socket.destroyed) {
      return
    }

    if (bytesWritten === 0) {
      if (expectsPayload) {
        // https://tools.ietf.org/html/rfc7230#section-3.3.2
        // A user agent SHOULD send a Content-Length in a request message when
        // no Transfer-Encoding is sent and the request method defines a meaning
        // for an enclosed payload body.

        socket.write(`${header}content-length: 0\r\n\r\n`, 'latin1')
      } else {
        socket.write(`${header}\r\n`, 'latin1')
      }
    } else if (contentLength === null) {
      socket.write('\r\n0\r\n\r\n', 'latin1')
    }

    if (contentLength !== null && bytesWritten !== contentLength) {
      if (client[kStrictContentLength]) {
        throw new RequestContentLengthMismatchError()
      } else {
        process.emitWarning(new RequestContentLengthMismatchError())
      }
    }

    if (socket[kParser].timeout && socket[kParser].timeoutType === TIMEOUT_HEADERS) {
      if (socket[kParser].timeout.refresh) {
        socket[kParser].timeout.refresh()
      }
    }

    client[kResume]()
  }

  /**
   * @param {Error} [err]
   * @returns {void}
   */
  destroy (err) {
    const { socket, client, abort } = this

    socket[kWriting] = false

    if (err) {
      assert(client[kRunning] <= 1, 'pipeline should only contain this request')
      abort(err)
    }
  }
}

module.exports = connectH1


/***/ }),

/***/ 2092:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const assert = __nccwpck_require__(4589)
const net = __nccwpck_require__(7030)
const http = /max.http.header.size/.test(`${process.execArgv} ${process.env.NODE_OPTIONS}`)
  ? __nccwpck_require__(7067)
  : { maxHeaderSize: 16384 }
const util = __nccwpck_require__(9145)
const { ClientStats } = __nccwpck_require__(5469)
const { channels } = __nccwpck_require__(1677)
const Request = __nccwpck_require__(6132)
const DispatcherBase = __nccwpck_require__(478)
const {
  InvalidArgumentError,
  InformationalError,
  ClientDestroyedError
} = __nccwpck_require__(9526)
const buildConnector = __nccwpck_require__(511)
const {
  kUrl,
  kServerName,
  kClient,
  kBusy,
  kConnect,
  kResuming,
  kRunning,
  kPending,
  kSize,
  kQueue,
  kConnected,
  kConnecting,
  kNeedDrain,
  kKeepAliveDefaultTimeout,
  kHostHeader,
  kPendingIdx,
  kRunningIdx,
  kError,
  kPipelining,
  kKeepAliveTimeoutValue,
  kMaxHeadersSize,
  kKeepAliveMaxTimeout,
  kKeepAliveTimeoutThreshold,
  kHeadersTimeout,
  kBodyTimeout,
  kStrictContentLength,
  kConnector,
  kMaxRequests,
  kCounter,
  kClose,
  kDestroy,
  kDispatch,
  kLocalAddress,
  kMaxResponseSize,
  kOnError,
  kHTTPContext,
  kMaxConcurrentStreams,
  kHTTP2InitialWindowSize,
  kHTTP2ConnectionWindowSize,
  kResume,
  kPingInterval
} = __nccwpck_require__(3528)
const connectH1 = __nccwpck_require__(3978)
const connectH2 = () => { throw new Error('HTTP/2 is never offered') }

const kClosedResolve = Symbol('kClosedResolve')

const getDefaultNodeMaxHeaderSize = http &&
  http.maxHeaderSize &&
  Number.isInteger(http.maxHeaderSize) &&
  http.maxHeaderSize > 0
  ? () => http.maxHeaderSize
  : () => { throw new InvalidArgumentError('http module not available or http.maxHeaderSize invalid') }

const noop = () => { }

function getPipelining (client) {
  return client[kPipelining] ?? client[kHTTPContext]?.defaultPipelining ?? 1
}

/**
 * @type {import('../../types/client.js').default}
 */
class Client extends DispatcherBase {
  /**
   *
   * @param {string|URL} url
   * @param {import('../../types/client.js').Client.Options} options
   */
  constructor (url, {
    maxHeaderSize,
    headersTimeout,
    socketTimeout,
    requestTimeout,
    connectTimeout,
    bodyTimeout,
    idleTimeout,
    keepAlive,
    keepAliveTimeout,
    maxKeepAliveTimeout,
    keepAliveMaxTimeout,
    keepAliveTimeoutThreshold,
    socketPath,
    pipelining,
    tls,
    strictContentLength,
    maxCachedSessions,
    connect,
    maxRequestsPerClient,
    localAddress,
    maxResponseSize,
    autoSelectFamily,
    autoSelectFamilyAttemptTimeout,
    // h2
    maxConcurrentStreams,
    allowH2,
    useH2c,
    initialWindowSize,
    connectionWindowSize,
    pingInterval,
    webSocket,
    eventSource
  } = {}) {
    if (keepAlive !== undefined) {
      throw new InvalidArgumentError('unsupported keepAlive, use pipelining=0 instead')
    }

    if (socketTimeout !== undefined) {
      throw new InvalidArgumentError('unsupported socketTimeout, use headersTimeout & bodyTimeout instead')
    }

    if (requestTimeout !== undefined) {
      throw new InvalidArgumentError('unsupported requestTimeout, use headersTimeout & bodyTimeout instead')
    }

    if (idleTimeout !== undefined) {
      throw new InvalidArgumentError('unsupported idleTimeout, use keepAliveTimeout instead')
    }

    if (maxKeepAliveTimeout !== undefined) {
      throw new InvalidArgumentError('unsupported maxKeepAliveTimeout, use keepAliveMaxTimeout instead')
    }

    if (maxHeaderSize != null) {
      if (!Number.isInteger(maxHeaderSize) || maxHeaderSize < 1) {
        throw new InvalidArgumentError('invalid maxHeaderSize')
      }
    } else {
      // If maxHeaderSize is not provided, use the default value from the http module
      // or if that is not available, throw an error.
      maxHeaderSize = getDefaultNodeMaxHeaderSize()
    }

    if (socketPath != null && typeof socketPath !== 'string') {
      throw new InvalidArgumentError('invalid socketPath')
    }

    if (connectTimeout != null && (!Number.isFinite(connectTimeout) || connectTimeout < 0)) {
      throw new InvalidArgumentError('invalid connectTimeout')
    }

    if (keepAliveTimeout != null && (!Number.isFinite(keepAliveTimeout) || keepAliveTimeout <= 0)) {
      throw new InvalidArgumentError('invalid keepAliveTimeout')
    }

    if (keepAliveMaxTimeout != null && (!Number.isFinite(keepAliveMaxTimeout) || keepAliveMaxTimeout <= 0)) {
      throw new InvalidArgumentError('invalid keepAliveMaxTimeout')
    }

    if (keepAliveTimeoutThreshold != null && !Number.isFinite(keepAliveTimeoutThreshold)) {
      throw new InvalidArgumentError('invalid keepAliveTimeoutThreshold')
    }

    if (headersTimeout != null && (!Number.isInteger(headersTimeout) || headersTimeout < 0)) {
      throw new InvalidArgumentError('headersTimeout must be a positive integer or zero')
    }

    if (bodyTimeout != null && (!Number.isInteger(bodyTimeout) || bodyTimeout < 0)) {
      throw new InvalidArgumentError('bodyTimeout must be a positive integer or zero')
    }

    if (connect != null && typeof connect !== 'function' && typeof connect !== 'object') {
      throw new InvalidArgumentError('connect must be a function or an object')
    }

    if (maxRequestsPerClient != null && (!Number.isInteger(maxRequestsPerClient) || maxRequestsPerClient < 0)) {
      throw new InvalidArgumentError('maxRequestsPerClient must be a positive number')
    }

    if (localAddress != null && (typeof localAddress !== 'string' || net.isIP(localAddress) === 0)) {
      throw new InvalidArgumentError('localAddress must be valid string IP address')
    }

    if (maxResponseSize != null && (!Number.isInteger(maxResponseSize) || maxResponseSize < -1)) {
      throw new InvalidArgumentError('maxResponseSize must be a positive number')
    }

    if (
      autoSelectFamilyAttemptTimeout != null &&
      (!Number.isInteger(autoSelectFamilyAttemptTimeout) || autoSelectFamilyAttemptTimeout < -1)
    ) {
      throw new InvalidArgumentError('autoSelectFamilyAttemptTimeout must be a positive number')
    }

    // h2
    if (allowH2 != null && typeof allowH2 !== 'boolean') {
      throw new InvalidArgumentError('allowH2 must be a valid boolean value')
    }

    if (maxConcurrentStreams != null && (typeof maxConcurrentStreams !== 'number' || maxConcurrentStreams < 1)) {
      throw new InvalidArgumentError('maxConcurrentStreams must be a positive integer, greater than 0')
    }

    if (useH2c != null && typeof useH2c !== 'boolean') {
      throw new InvalidArgumentError('useH2c must be a valid boolean value')
    }

    if (initialWindowSize != null && (!Number.isInteger(initialWindowSize) || initialWindowSize < 1)) {
      throw new InvalidArgumentError('initialWindowSize must be a positive integer, greater than 0')
    }

    if (connectionWindowSize != null && (!Number.isInteger(connectionWindowSize) || connectionWindowSize < 1)) {
      throw new InvalidArgumentError('connectionWindowSize must be a positive integer, greater than 0')
    }

    if (pingInterval != null && (typeof pingInterval !== 'number' || !Number.isInteger(pingInterval) || pingInterval < 0)) {
      throw new InvalidArgumentError('pingInterval must be a positive integer, greater or equal to 0')
    }

    super({ webSocket, eventSource })

    if (typeof connect !== 'function') {
      connect = buildConnector({
        ...tls,
        maxCachedSessions,
        allowH2,
        useH2c,
        socketPath,
        timeout: connectTimeout,
        ...(typeof autoSelectFamily === 'boolean' ? { autoSelectFamily, autoSelectFamilyAttemptTimeout } : undefined),
        ...connect
      })
    } else {
      const customConnect = connect
      connect = (opts, callback) => customConnect({
        ...opts,
        ...(socketPath != null ? { socketPath } : null),
        ...(allowH2 != null ? { allowH2 } : null)
      }, callback)
    }

    this[kUrl] = util.parseOrigin(url)
    this[kConnector] = connect
    this[kPipelining] = pipelining != null ? pipelining : 1
    this[kMaxHeadersSize] = maxHeaderSize
    this[kKeepAliveDefaultTimeout] = keepAliveTimeout == null ? 4e3 : keepAliveTimeout
    this[kKeepAliveMaxTimeout] = keepAliveMaxTimeout == null ? 600e3 : keepAliveMaxTimeout
    this[kKeepAliveTimeoutThreshold] = keepAliveTimeoutThreshold == null ? 2e3 : keepAliveTimeoutThreshold
    this[kKeepAliveTimeoutValue] = this[kKeepAliveDefaultTimeout]
    this[kServerName] = null
    this[kLocalAddress] = localAddress != null ? localAddress : null
    this[kResuming] = 0 // 0, idle, 1, scheduled, 2 resuming
    this[kNeedDrain] = 0 // 0, idle, 1, scheduled, 2 resuming
    this[kHostHeader] = `host: ${this[kUrl].hostname}${this[kUrl].port ? `:${this[kUrl].port}` : ''}\r\n`
    this[kBodyTimeout] = bodyTimeout != null ? bodyTimeout : 300e3
    this[kHeadersTimeout] = headersTimeout != null ? headersTimeout : 300e3
    this[kStrictContentLength] = strictContentLength == null ? true : strictContentLength
    this[kMaxRequests] = maxRequestsPerClient
    this[kClosedResolve] = null
    this[kMaxResponseSize] = maxResponseSize > -1 ? maxResponseSize : -1
    this[kHTTPContext] = null
    // h2
    this[kMaxConcurrentStreams] = maxConcurrentStreams != null ? maxConcurrentStreams : 100 // Max peerConcurrentStreams for a Node h2 server
    // HTTP/2 window sizes are set to higher defaults than Node.js core for better performance:
    // - initialWindowSize: 262144 (256KB) vs Node.js default 65535 (64KB - 1)
    //   Allows more data to be sent before requiring acknowledgment, improving throughput
    //   especially on high-latency networks. This matches common production HTTP/2 servers.
    // - connectionWindowSize: 524288 (512KB) vs Node.js default (none set)
    //   Provides better flow control for the entire connection across multiple streams.
    this[kHTTP2InitialWindowSize] = initialWindowSize != null ? initialWindowSize : 262144
    this[kHTTP2ConnectionWindowSize] = connectionWindowSize != null ? connectionWindowSize : 524288
    this[kPingInterval] = pingInterval != null ? pingInterval : 60e3 // Default ping interval for h2 - 1 minute

    // kQueue is built up of 3 sections separated by
    // the kRunningIdx and kPendingIdx indices.
    // |   complete   |   running   |   pending   |
    //                ^ kRunningIdx ^ kPendingIdx ^ kQueue.length
    // kRunningIdx points to the first running element.
    // kPendingIdx points to the first pending element.
    // This implements a fast queue with an amortized
    // time of O(1).

    this[kQueue] = []
    this[kRunningIdx] = 0
    this[kPendingIdx] = 0

    this[kResume] = (sync) => resume(this, sync)
    this[kOnError] = (err) => onError(this, err)
  }

  get pipelining () {
    return this[kPipelining]
  }

  set pipelining (value) {
    this[kPipelining] = value
    this[kResume](true)
  }

  get stats () {
    return new ClientStats(this)
  }

  get [kPending] () {
    return this[kQueue].length - this[kPendingIdx]
  }

  get [kRunning] () {
    return this[kPendingIdx] - this[kRunningIdx]
  }

  get [kSize] () {
    return this[kQueue].length - this[kRunningIdx]
  }

  get [kConnected] () {
    return !!this[kHTTPContext] && !this[kConnecting] && !this[kHTTPContext].destroyed
  }

  get [kBusy] () {
    return Boolean(
      this[kHTTPContext]?.busy(null) ||
      (this[kSize] >= (getPipelining(this) || 1)) ||
      this[kPending] > 0
    )
  }

  [kConnect] (cb) {
    connect(this)
    this.once('connect', cb)
  }

  [kDispatch] (opts, handler) {
    const request = new Request(this[kUrl].origin, opts, handler)

    this[kQueue].push(request)
    if (this[kResuming]) {
      // Do nothing.
    } else if (util.bodyLength(request.body) == null && util.isIterable(request.body)) {
      // Wait a tick in case stream/iterator is ended in the same tick.
      this[kResuming] = 1
      queueMicrotask(() => resume(this))
    } else {
      this[kResume](true)
    }

    if (this[kResuming] && this[kNeedDrain] !== 2 && this[kBusy]) {
      this[kNeedDrain] = 2
    }

    return this[kNeedDrain] < 2
  }

  [kClose] () {
    // TODO: for H2 we need to gracefully flush the remaining enqueued
    // request and close each stream.
    return new Promise((resolve) => {
      if (this[kSize]) {
        this[kClosedResolve] = resolve
      } else {
        resolve(null)
      }
    })
  }

  [kDestroy] (err) {
    return new Promise((resolve) => {
      const requests = this[kQueue].splice(this[kPendingIdx])
      for (let i = 0; i < requests.length; i++) {
        const request = requests[i]
        if (request != null) {
          util.errorRequest(this, request, err)
        }
      }

      const callback = () => {
        if (this[kClosedResolve]) {
          // TODO (fix): Should we error here with ClientDestroyedError?
          this[kClosedResolve]()
          this[kClosedResolve] = null
        }
        resolve(null)
      }

      if (this[kHTTPContext]) {
        this[kHTTPContext].destroy(err, callback)
        this[kHTTPContext] = null
      } else {
        queueMicrotask(callback)
      }

      this[kResume]()
    })
  }
}

function onError (client, err) {
  if (
    client[kRunning] === 0 &&
    err.code !== 'UND_ERR_INFO' &&
    err.code !== 'UND_ERR_SOCKET'
  ) {
    // Error is not caused by running request and not a recoverable
    // socket error.

    assert(client[kPendingIdx] === client[kRunningIdx])

    const requests = client[kQueue].splice(client[kRunningIdx])

    for (let i = 0; i < requests.length; i++) {
      const request = requests[i]
      if (request != null) {
        util.errorRequest(client, request, err)
      }
    }
    assert(client[kSize] === 0)
  }
}

/**
 * @param {Client} client
 * @returns {void}
 */
function connect (client) {
  assert(!client[kConnecting])
  assert(!client[kHTTPContext])

  let { host, hostname, protocol, port } = client[kUrl]

  // Resolve ipv6
  if (hostname[0] === '[') {
    const idx = hostname.indexOf(']')

    assert(idx !== -1)
    const ip = hostname.substring(1, idx)

    assert(net.isIPv6(ip))
    hostname = ip
  }

  client[kConnecting] = true

  if (channels.beforeConnect.hasSubscribers) {
    channels.beforeConnect.publish({
      connectParams: {
        host,
        hostname,
        protocol,
        port,
        version: client[kHTTPContext]?.version,
        servername: client[kServerName],
        localAddress: client[kLocalAddress]
      },
      connector: client[kConnector]
    })
  }

  try {
    client[kConnector]({
      host,
      hostname,
      protocol,
      port,
      servername: client[kServerName],
      localAddress: client[kLocalAddress]
    }, (err, socket) => {
      if (err) {
        handleConnectError(client, err, { host, hostname, protocol, port })
        client[kResume]()
        return
      }

      if (client.destroyed) {
        util.destroy(socket.on('error', noop), new ClientDestroyedError())
        client[kResume]()
        return
      }

      assert(socket)

      try {
        client[kHTTPContext] = socket.alpnProtocol === 'h2'
          ? connectH2(client, socket)
          : connectH1(client, socket)
      } catch (err) {
        socket.destroy().on('error', noop)
        handleConnectError(client, err, { host, hostname, protocol, port })
        client[kResume]()
        return
      }

      client[kConnecting] = false

      socket[kCounter] = 0
      socket[kMaxRequests] = client[kMaxRequests]
      socket[kClient] = client
      socket[kError] = null

      if (channels.connected.hasSubscribers) {
        channels.connected.publish({
          connectParams: {
            host,
            hostname,
            protocol,
            port,
            version: client[kHTTPContext]?.version,
            servername: client[kServerName],
            localAddress: client[kLocalAddress]
          },
          connector: client[kConnector],
          socket
        })
      }

      client.emit('connect', client[kUrl], [client])
      client[kResume]()
    })
  } catch (err) {
    handleConnectError(client, err, { host, hostname, protocol, port })
    client[kResume]()
  }
}

function handleConnectError (client, err, { host, hostname, protocol, port }) {
  if (client.destroyed) {
    return
  }

  client[kConnecting] = false

  if (channels.connectError.hasSubscribers) {
    channels.connectError.publish({
      connectParams: {
        host,
        hostname,
        protocol,
        port,
        version: client[kHTTPContext]?.version,
        servername: client[kServerName],
        localAddress: client[kLocalAddress]
      },
      connector: client[kConnector],
      error: err
    })
  }

  if (err.code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    assert(client[kRunning] === 0)
    while (client[kPending] > 0 && client[kQueue][client[kPendingIdx]].servername === client[kServerName]) {
      const request = client[kQueue][client[kPendingIdx]++]
      util.errorRequest(client, request, err)
    }
  } else {
    onError(client, err)
  }

  client.emit('connectionError', client[kUrl], [client], err)
}

function emitDrain (client) {
  client[kNeedDrain] = 0
  client.emit('drain', client[kUrl], [client])
}

function resume (client, sync) {
  if (client[kResuming] === 2) {
    return
  }

  client[kResuming] = 2

  _resume(client, sync)
  client[kResuming] = 0

  if (client[kRunningIdx] > 256) {
    client[kQueue].splice(0, client[kRunningIdx])
    client[kPendingIdx] -= client[kRunningIdx]
    client[kRunningIdx] = 0
  }
}

function _resume (client, sync) {
  while (true) {
    if (client.destroyed) {
      assert(client[kPending] === 0)
      return
    }

    if (client[kClosedResolve] && !client[kSize]) {
      client[kClosedResolve]()
      client[kClosedResolve] = null
      return
    }

    if (client[kHTTPContext]) {
      client[kHTTPContext].resume()
    }

    if (client[kBusy]) {
      client[kNeedDrain] = 2
    } else if (client[kNeedDrain] === 2) {
      if (sync) {
        client[kNeedDrain] = 1
        queueMicrotask(() => emitDrain(client))
      } else {
        emitDrain(client)
      }
      continue
    }

    if (client[kPending] === 0) {
      return
    }

    if (client[kRunning] >= (getPipelining(client) || 1)) {
      return
    }

    const request = client[kQueue][client[kPendingIdx]]

    if (request === null) {
      return
    }

    if (client[kUrl].protocol === 'https:' && client[kServerName] !== request.servername) {
      if (client[kRunning] > 0) {
        return
      }

      client[kServerName] = request.servername
      client[kHTTPContext]?.destroy(new InformationalError('servername changed'), () => {
        client[kHTTPContext] = null
        resume(client)
      })
    }

    if (client[kConnecting]) {
      return
    }

    if (!client[kHTTPContext]) {
      connect(client)
      return
    }

    if (client[kHTTPContext].destroyed) {
      return
    }

    if (client[kHTTPContext].busy(request)) {
      return
    }

    if (!request.aborted && client[kHTTPContext].write(request)) {
      client[kPendingIdx]++
    } else {
      client[kQueue].splice(client[kPendingIdx], 1)
    }
  }
}

module.exports = Client


/***/ }),

/***/ 478:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const buffer = __nccwpck_require__(4573)
const Dispatcher = __nccwpck_require__(5566)
const UnwrapHandler = __nccwpck_require__(1946)
const {
  ClientDestroyedError,
  ClientClosedError,
  InvalidArgumentError
} = __nccwpck_require__(9526)
const { kDestroy, kClose, kClosed, kDestroyed, kDispatch } = __nccwpck_require__(3528)

const kOnDestroyed = Symbol('onDestroyed')
const kOnClosed = Symbol('onClosed')
const kWebSocketOptions = Symbol('webSocketOptions')
const kEventSourceOptions = Symbol('eventSourceOptions')

class DispatcherBase extends Dispatcher {
  /** @type {boolean} */
  [kDestroyed] = false;

  /** @type {Array<Function|null} */
  [kOnDestroyed] = null;

  /** @type {boolean} */
  [kClosed] = false;

  /** @type {Array<Function>|null} */
  [kOnClosed] = null

  /**
   * @param {import('../../types/dispatcher').DispatcherOptions} [opts]
   */
  constructor (opts) {
    super()
    this[kWebSocketOptions] = opts?.webSocket ?? {}
    this[kEventSourceOptions] = opts?.eventSource ?? {}
  }

  /**
   * @returns {import('../../types/dispatcher').WebSocketOptions}
   */
  get webSocketOptions () {
    return {
      maxFragments: this[kWebSocketOptions].maxFragments ?? 131072,
      maxPayloadSize: this[kWebSocketOptions].maxPayloadSize ?? 128 * 1024 * 1024 // 128 MB default
    }
  }

  /**
   * @returns {import('../../types/client').Client.EventSourceOptions}
   */
  get eventSourceOptions () {
    return {
      maxEventSize: this[kEventSourceOptions].maxEventSize ?? buffer.kStringMaxLength
    }
  }

  /** @returns {boolean} */
  get destroyed () {
    return this[kDestroyed]
  }

  /** @returns {boolean} */
  get closed () {
    return this[kClosed]
  }

  close (callback) {
    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        this.close((err, data) => {
          return err ? reject(err) : resolve(data)
        })
      })
    }

    if (typeof callback !== 'function') {
      throw new InvalidArgumentError('invalid callback')
    }

    if (this[kDestroyed]) {
      const err = new ClientDestroyedError()
      queueMicrotask(() => callback(err, null))
      return
    }

    if (this[kClosed]) {
      if (this[kOnClosed]) {
        this[kOnClosed].push(callback)
      } else {
        queueMicrotask(() => callback(null, null))
      }
      return
    }

    this[kClosed] = true
    this[kOnClosed] ??= []
    this[kOnClosed].push(callback)

    const onClosed = () => {
      const callbacks = this[kOnClosed]
      this[kOnClosed] = null
      for (let i = 0; i < callbacks.length; i++) {
        callbacks[i](null, null)
      }
    }

    // Should not error.
    this[kClose]()
      .then(() => this.destroy())
      .then(() => queueMicrotask(onClosed))
  }

  destroy (err, callback) {
    if (typeof err === 'function') {
      callback = err
      err = null
    }

    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        this.destroy(err, (err, data) => {
          return err ? reject(err) : resolve(data)
        })
      })
    }

    if (typeof callback !== 'function') {
      throw new InvalidArgumentError('invalid callback')
    }

    if (this[kDestroyed]) {
      if (this[kOnDestroyed]) {
        this[kOnDestroyed].push(callback)
      } else {
        queueMicrotask(() => callback(null, null))
      }
      return
    }

    if (!err) {
      err = new ClientDestroyedError()
    }

    this[kDestroyed] = true
    this[kOnDestroyed] ??= []
    this[kOnDestroyed].push(callback)

    const onDestroyed = () => {
      const callbacks = this[kOnDestroyed]
      this[kOnDestroyed] = null
      for (let i = 0; i < callbacks.length; i++) {
        callbacks[i](null, null)
      }
    }

    // Should not error.
    this[kDestroy](err)
      .then(() => queueMicrotask(onDestroyed))
  }

  dispatch (opts, handler) {
    if (!handler || typeof handler !== 'object') {
      throw new InvalidArgumentError('handler must be an object')
    }

    handler = UnwrapHandler.unwrap(handler)

    try {
      if (!opts || typeof opts !== 'object') {
        throw new InvalidArgumentError('opts must be an object.')
      }

      if (this[kDestroyed] || this[kOnDestroyed]) {
        throw new ClientDestroyedError()
      }

      if (this[kClosed]) {
        throw new ClientClosedError()
      }

      return this[kDispatch](opts, handler)
    } catch (err) {
      if (typeof handler.onError !== 'function') {
        throw err
      }

      handler.onError(err)

      return false
    }
  }
}

module.exports = DispatcherBase


/***/ }),

/***/ 5566:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {


const EventEmitter = __nccwpck_require__(6093)
const WrapHandler = __nccwpck_require__(8085)

const wrapInterceptor = (dispatch) => (opts, handler) => dispatch(opts, WrapHandler.wrap(handler))

class Dispatcher extends EventEmitter {
  dispatch () {
    throw new Error('not implemented')
  }

  close () {
    throw new Error('not implemented')
  }

  destroy () {
    throw new Error('not implemented')
  }

  compose (...args) {
    // So we handle [interceptor1, interceptor2] or interceptor1, interceptor2, ...
    const interceptors = Array.isArray(args[0]) ? args[0] : args
    let dispatch = this.dispatch.bind(this)

    for (const interceptor of interceptors) {
      if (interceptor == null) {
        continue
      }

      if (typeof interceptor !== 'function') {
        throw new TypeError(`invalid interceptor, expected function received ${typeof interceptor}`)
      }

      dispatch = interceptor(dispatch)
      dispatch = wrapInterceptor(dispatch)

      if (dispatch == null || typeof dispatch !== 'function' || dispatch.length !== 2) {
        throw new TypeError('invalid interceptor')
      }
    }

    return new Proxy(this, {
      get: (target, key) => key === 'dispatch' ? dispatch : target[key]
    })
  }
}

module.exports = Dispatcher


/***/ }),

/***/ 3984:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const DispatcherBase = __nccwpck_require__(478)
const { kClose, kDestroy, kClosed, kDestroyed, kDispatch, kNoProxyAgent, kHttpProxyAgent, kHttpsProxyAgent } = __nccwpck_require__(3528)
const ProxyAgent = __nccwpck_require__(1579)
const Agent = __nccwpck_require__(1634)

const DEFAULT_PORTS = {
  'http:': 80,
  'https:': 443
}

class EnvHttpProxyAgent extends DispatcherBase {
  #noProxyValue = null
  #noProxyEntries = null
  #opts = null

  constructor (opts = {}) {
    super()
    this.#opts = opts

    const { httpProxy, httpsProxy, noProxy, ...agentOpts } = opts

    this[kNoProxyAgent] = new Agent(agentOpts)

    const HTTP_PROXY = httpProxy ?? process.env.http_proxy ?? process.env.HTTP_PROXY
    if (HTTP_PROXY) {
      this[kHttpProxyAgent] = new ProxyAgent({ ...agentOpts, uri: HTTP_PROXY })
    } else {
      this[kHttpProxyAgent] = this[kNoProxyAgent]
    }

    const HTTPS_PROXY = httpsProxy ?? process.env.https_proxy ?? process.env.HTTPS_PROXY
    if (HTTPS_PROXY) {
      this[kHttpsProxyAgent] = new ProxyAgent({ ...agentOpts, uri: HTTPS_PROXY })
    } else {
      this[kHttpsProxyAgent] = this[kHttpProxyAgent]
    }

    this.#parseNoProxy()
  }

  [kDispatch] (opts, handler) {
    const url = new URL(opts.origin)
    const agent = this.#getProxyAgentForUrl(url)
    return agent.dispatch(opts, handler)
  }

  [kClose] () {
    return Promise.all([
      this[kNoProxyAgent].close(),
      !this[kHttpProxyAgent][kClosed] && this[kHttpProxyAgent].close(),
      !this[kHttpsProxyAgent][kClosed] && this[kHttpsProxyAgent].close()
    ])
  }

  [kDestroy] (err) {
    return Promise.all([
      this[kNoProxyAgent].destroy(err),
      !this[kHttpProxyAgent][kDestroyed] && this[kHttpProxyAgent].destroy(err),
      !this[kHttpsProxyAgent][kDestroyed] && this[kHttpsProxyAgent].destroy(err)
    ])
  }

  #getProxyAgentForUrl (url) {
    let { protocol, host: hostname, port } = url

    // Stripping ports in this way instead of using parsedUrl.hostname to make
    // sure that the brackets around IPv6 addresses are kept.
    hostname = hostname.replace(/:\d*$/, '').toLowerCase()
    port = Number.parseInt(port, 10) || DEFAULT_PORTS[protocol] || 0
    if (!this.#shouldProxy(hostname, port)) {
      return this[kNoProxyAgent]
    }
    if (protocol === 'https:') {
      return this[kHttpsProxyAgent]
    }
    return this[kHttpProxyAgent]
  }

  #shouldProxy (hostname, port) {
    if (this.#noProxyChanged) {
      this.#parseNoProxy()
    }

    if (this.#noProxyEntries.length === 0) {
      return true // Always proxy if NO_PROXY is not set or empty.
    }
    if (this.#noProxyValue === '*') {
      return false // Never proxy if wildcard is set.
    }

    for (let i = 0; i < this.#noProxyEntries.length; i++) {
      const entry = this.#noProxyEntries[i]
      if (entry.port && entry.port !== port) {
        continue // Skip if ports don't match.
      }
      // Don't proxy if the hostname is equal with the no_proxy host.
      if (hostname === entry.hostname) {
        return false
      }
      // Don't proxy if the hostname is the subdomain of the no_proxy host.
      // Reference - https://github.com/denoland/deno/blob/6fbce91e40cc07fc6da74068e5cc56fdd40f7b4c/ext/fetch/proxy.rs#L485
      if (hostname.slice(-(entry.hostname.length + 1)) === `.${entry.hostname}`) {
        return false
      }
    }

    return true
  }

  #parseNoProxy () {
    const noProxyValue = this.#opts.noProxy ?? this.#noProxyEnv
    const noProxySplit = noProxyValue.split(/[,\s]/)
    const noProxyEntries = []

    for (let i = 0; i < noProxySplit.length; i++) {
      const entry = noProxySplit[i]
      if (!entry) {
        continue
      }
      const parsed = entry.match(/^(.+):(\d+)$/)
      noProxyEntries.push({
        // strip leading dot or asterisk with dot
        hostname: (parsed ? parsed[1] : entry).replace(/^\*?\./, '').toLowerCase(),
        port: parsed ? Number.parseInt(parsed[2], 10) : 0
      })
    }

    this.#noProxyValue = noProxyValue
    this.#noProxyEntries = noProxyEntries
  }

  get #noProxyChanged () {
    if (this.#opts.noProxy !== undefined) {
      return false
    }
    return this.#noProxyValue !== this.#noProxyEnv
  }

  get #noProxyEnv () {
    return process.env.no_proxy ?? process.env.NO_PROXY ?? ''
  }
}

module.exports = EnvHttpProxyAgent


/***/ }),

/***/ 655:
/***/ ((module) => {



// Extracted from node/lib/internal/fixed_queue.js

// Currently optimal queue size, tested on V8 6.0 - 6.6. Must be power of two.
const kSize = 2048
const kMask = kSize - 1

// The FixedQueue is implemented as a singly-linked list of fixed-size
// circular buffers. It looks something like this:
//
//  head                                                       tail
//    |                                                          |
//    v                                                          v
// +-----------+ <-----\       +-----------+ <------\         +-----------+
// |  [null]   |        \----- |   next    |         \------- |   next    |
// +-----------+               +-----------+                  +-----------+
// |   item    | <-- bottom    |   item    | <-- bottom       | undefined |
// |   item    |               |   item    |                  | undefined |
// |   item    |               |   item    |                  | undefined |
// |   item    |               |   item    |                  | undefined |
// |   item    |               |   item    |       bottom --> |   item    |
// |   item    |               |   item    |                  |   item    |
// |    ...    |               |    ...    |                  |    ...    |
// |   item    |               |   item    |                  |   item    |
// |   item    |               |   item    |                  |   item    |
// | undefined | <-- top       |   item    |                  |   item    |
// | undefined |               |   item    |                  |   item    |
// | undefined |               | undefined | <-- top  top --> | undefined |
// +-----------+               +-----------+                  +-----------+
//
// Or, if there is only one circular buffer, it looks something
// like either of these:
//
//  head   tail                                 head   tail
//    |     |                                     |     |
//    v     v                                     v     v
// +-----------+                               +-----------+
// |  [null]   |                               |  [null]   |
// +-----------+                               +-----------+
// | undefined |                               |   item    |
// | undefined |                               |   item    |
// |   item    | <-- bottom            top --> | undefined |
// |   item    |                               | undefined |
// | undefined | <-- top            bottom --> |   item    |
// | undefined |                               |   item    |
// +-----------+                               +-----------+
//
// Adding a value means moving `top` forward by one, removing means
// moving `bottom` forward by one. After reaching the end, the queue
// wraps around.
//
// When `top === bottom` the current queue is empty and when
// `top + 1 === bottom` it's full. This wastes a single space of storage
// but allows much quicker checks.

/**
 * @type {FixedCircularBuffer}
 * @template T
 */
class FixedCircularBuffer {
  /** @type {number} */
  bottom = 0
  /** @type {number} */
  top = 0
  /** @type {Array<T|undefined>} */
  list = new Array(kSize).fill(undefined)
  /** @type {T|null} */
  next = null

  /** @returns {boolean} */
  isEmpty () {
    return this.top === this.bottom
  }

  /** @returns {boolean} */
  isFull () {
    return ((this.top + 1) & kMask) === this.bottom
  }

  /**
   * @param {T} data
   * @returns {void}
   */
  push (data) {
    this.list[this.top] = data
    this.top = (this.top + 1) & kMask
  }

  /** @returns {T|null} */
  shift () {
    const nextItem = this.list[this.bottom]
    if (nextItem === undefined) { return null }
    this.list[this.bottom] = undefined
    this.bottom = (this.bottom + 1) & kMask
    return nextItem
  }
}

/**
 * @template T
 */
module.exports = class FixedQueue {
  constructor () {
    /** @type {FixedCircularBuffer<T>} */
    this.head = this.tail = new FixedCircularBuffer()
  }

  /** @returns {boolean} */
  isEmpty () {
    return this.head.isEmpty()
  }

  /** @param {T} data */
  push (data) {
    if (this.head.isFull()) {
      // Head is full: Creates a new queue, sets the old queue's `.next` to it,
      // and sets it as the new main queue.
      this.head = this.head.next = new FixedCircularBuffer()
    }
    this.head.push(data)
  }

  /** @returns {T|null} */
  shift () {
    const tail = this.tail
    const next = tail.shift()
    if (tail.isEmpty() && tail.next !== null) {
      // If there is another queue, it forms the new tail.
      this.tail = tail.next
      tail.next = null
    }
    return next
  }
}


/***/ }),

/***/ 91:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const { PoolStats } = __nccwpck_require__(5469)
const DispatcherBase = __nccwpck_require__(478)
const FixedQueue = __nccwpck_require__(655)
const { kConnected, kSize, kRunning, kPending, kQueued, kBusy, kFree, kUrl, kClose, kDestroy, kDispatch } = __nccwpck_require__(3528)

const kClients = Symbol('clients')
const kNeedDrain = Symbol('needDrain')
const kQueue = Symbol('queue')
const kClosedResolve = Symbol('closed resolve')
const kOnDrain = Symbol('onDrain')
const kOnConnect = Symbol('onConnect')
const kOnDisconnect = Symbol('onDisconnect')
const kOnConnectionError = Symbol('onConnectionError')
const kGetDispatcher = Symbol('get dispatcher')
const kAddClient = Symbol('add client')
const kRemoveClient = Symbol('remove client')

class PoolBase extends DispatcherBase {
  [kQueue] = new FixedQueue();

  [kQueued] = 0;

  [kClients] = [];

  [kNeedDrain] = false;

  [kOnDrain] (client, origin, targets) {
    const queue = this[kQueue]

    let needDrain = false

    while (!needDrain) {
      const item = queue.shift()
      if (!item) {
        break
      }
      this[kQueued]--
      needDrain = !client.dispatch(item.opts, item.handler)
    }

    client[kNeedDrain] = needDrain

    if (!needDrain && this[kNeedDrain]) {
      this[kNeedDrain] = false
      this.emit('drain', origin, [this, ...targets])
    }

    if (this[kClosedResolve] && queue.isEmpty()) {
      const closeAll = []
      for (let i = 0; i < this[kClients].length; i++) {
        const client = this[kClients][i]
        if (!client.destroyed) {
          closeAll.push(client.close())
        }
      }
      return Promise.all(closeAll)
        .then(this[kClosedResolve])
    }
  }

  [kOnConnect] = (origin, targets) => {
    this.emit('connect', origin, [this, ...targets])
  };

  [kOnDisconnect] = (origin, targets, err) => {
    this.emit('disconnect', origin, [this, ...targets], err)
  };

  [kOnConnectionError] = (origin, targets, err) => {
    this.emit('connectionError', origin, [this, ...targets], err)
  }

  get [kBusy] () {
    return this[kNeedDrain]
  }

  get [kConnected] () {
    let ret = 0
    for (const { [kConnected]: connected } of this[kClients]) {
      ret += connected
    }
    return ret
  }

  get [kFree] () {
    let ret = 0
    for (const { [kConnected]: connected, [kNeedDrain]: needDrain } of this[kClients]) {
      ret += connected && !needDrain
    }
    return ret
  }

  get [kPending] () {
    let ret = this[kQueued]
    for (const { [kPending]: pending } of this[kClients]) {
      ret += pending
    }
    return ret
  }

  get [kRunning] () {
    let ret = 0
    for (const { [kRunning]: running } of this[kClients]) {
      ret += running
    }
    return ret
  }

  get [kSize] () {
    let ret = this[kQueued]
    for (const { [kSize]: size } of this[kClients]) {
      ret += size
    }
    return ret
  }

  get stats () {
    return new PoolStats(this)
  }

  [kClose] () {
    if (this[kQueue].isEmpty()) {
      const closeAll = []
      for (let i = 0; i < this[kClients].length; i++) {
        const client = this[kClients][i]
        if (!client.destroyed) {
          closeAll.push(client.close())
        }
      }
      return Promise.all(closeAll)
    } else {
      return new Promise((resolve) => {
        this[kClosedResolve] = resolve
      })
    }
  }

  [kDestroy] (err) {
    while (true) {
      const item = this[kQueue].shift()
      if (!item) {
        break
      }
      item.handler.onError(err)
    }

    const destroyAll = new Array(this[kClients].length)
    for (let i = 0; i < this[kClients].length; i++) {
      destroyAll[i] = this[kClients][i].destroy(err)
    }
    return Promise.all(destroyAll)
  }

  [kDispatch] (opts, handler) {
    const dispatcher = this[kGetDispatcher]()

    if (!dispatcher) {
      this[kNeedDrain] = true
      this[kQueue].push({ opts, handler })
      this[kQueued]++
    } else if (!dispatcher.dispatch(opts, handler)) {
      dispatcher[kNeedDrain] = true
      this[kNeedDrain] = !this[kGetDispatcher]()
    }

    return !this[kNeedDrain]
  }

  [kAddClient] (client) {
    client
      .on('drain', this[kOnDrain].bind(this, client))
      .on('connect', this[kOnConnect])
      .on('disconnect', this[kOnDisconnect])
      .on('connectionError', this[kOnConnectionError])

    this[kClients].push(client)

    if (this[kNeedDrain]) {
      queueMicrotask(() => {
        if (this[kNeedDrain]) {
          this[kOnDrain](client, client[kUrl], [client, this])
        }
      })
    }

    return this
  }

  [kRemoveClient] (client) {
    client.close(() => {
      const idx = this[kClients].indexOf(client)
      if (idx !== -1) {
        this[kClients].splice(idx, 1)
      }
    })

    this[kNeedDrain] = this[kClients].some(dispatcher => (
      !dispatcher[kNeedDrain] &&
      dispatcher.closed !== true &&
      dispatcher.destroyed !== true
    ))
  }
}

module.exports = {
  PoolBase,
  kClients,
  kNeedDrain,
  kAddClient,
  kRemoveClient,
  kGetDispatcher
}


/***/ }),

/***/ 7985:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const {
  PoolBase,
  kClients,
  kNeedDrain,
  kAddClient,
  kGetDispatcher,
  kRemoveClient
} = __nccwpck_require__(91)
const Client = __nccwpck_require__(2092)
const {
  InvalidArgumentError
} = __nccwpck_require__(9526)
const util = __nccwpck_require__(9145)
const { kUrl } = __nccwpck_require__(3528)
const buildConnector = __nccwpck_require__(511)

const kOptions = Symbol('options')
const kConnections = Symbol('connections')
const kFactory = Symbol('factory')

function defaultFactory (origin, opts) {
  return new Client(origin, opts)
}

class Pool extends PoolBase {
  constructor (origin, {
    connections,
    factory = defaultFactory,
    connect,
    connectTimeout,
    tls,
    maxCachedSessions,
    socketPath,
    autoSelectFamily,
    autoSelectFamilyAttemptTimeout,
    allowH2,
    clientTtl,
    ...options
  } = {}) {
    if (connections != null && (!Number.isFinite(connections) || connections < 0)) {
      throw new InvalidArgumentError('invalid connections')
    }

    if (typeof factory !== 'function') {
      throw new InvalidArgumentError('factory must be a function.')
    }

    if (connect != null && typeof connect !== 'function' && typeof connect !== 'object') {
      throw new InvalidArgumentError('connect must be a function or an object')
    }

    if (typeof connect !== 'function') {
      connect = buildConnector({
        ...tls,
        maxCachedSessions,
        allowH2,
        socketPath,
        timeout: connectTimeout,
        ...(typeof autoSelectFamily === 'boolean' ? { autoSelectFamily, autoSelectFamilyAttemptTimeout } : undefined),
        ...connect
      })
    }

    super(options)

    this[kConnections] = connections || null
    this[kUrl] = util.parseOrigin(origin)
    this[kOptions] = { ...util.deepClone(options), connect, allowH2, clientTtl, socketPath }
    this[kOptions].interceptors = options.interceptors
      ? { ...options.interceptors }
      : undefined
    this[kFactory] = factory

    this.on('connect', (origin, targets) => {
      if (clientTtl != null && clientTtl > 0) {
        for (const target of targets) {
          Object.assign(target, { ttl: Date.now() })
        }
      }
    })

    this.on('connectionError', (origin, targets, error) => {
      // If a connection error occurs, we remove the client from the pool,
      // and emit a connectionError event. They will not be re-used.
      // Fixes https://github.com/nodejs/undici/issues/3895
      for (const target of targets) {
        // Do not use kRemoveClient here, as it will close the client,
        // but the client cannot be closed in this state.
        const idx = this[kClients].indexOf(target)
        if (idx !== -1) {
          this[kClients].splice(idx, 1)
        }
      }
    })
  }

  [kGetDispatcher] () {
    const clientTtlOption = this[kOptions].clientTtl
    for (const client of this[kClients]) {
      // check ttl of client and if it's stale, remove it from the pool
      if (clientTtlOption != null && clientTtlOption > 0 && client.ttl && ((Date.now() - client.ttl) > clientTtlOption)) {
        this[kRemoveClient](client)
      } else if (!client[kNeedDrain]) {
        return client
      }
    }

    if (!this[kConnections] || this[kClients].length < this[kConnections]) {
      const dispatcher = this[kFactory](this[kUrl], this[kOptions])
      this[kAddClient](dispatcher)
      return dispatcher
    }
  }
}

module.exports = Pool


/***/ }),

/***/ 1579:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const { kProxy, kClose, kDestroy, kDispatch } = __nccwpck_require__(3528)
const Agent = __nccwpck_require__(1634)
const Pool = __nccwpck_require__(7985)
const DispatcherBase = __nccwpck_require__(478)
const { InvalidArgumentError, RequestAbortedError, SecureProxyConnectionError } = __nccwpck_require__(9526)
const buildConnector = __nccwpck_require__(511)
const Client = __nccwpck_require__(2092)
const { channels } = __nccwpck_require__(1677)
const Socks5ProxyAgent = __nccwpck_require__(7266)

const kAgent = Symbol('proxy agent')
const kClient = Symbol('proxy client')
const kProxyHeaders = Symbol('proxy headers')
const kRequestTls = Symbol('request tls settings')
const kProxyTls = Symbol('proxy tls settings')
const kConnectEndpoint = Symbol('connect endpoint function')
const kTunnelProxy = Symbol('tunnel proxy')

function defaultProtocolPort (protocol) {
  return protocol === 'https:' ? 443 : 80
}

function defaultFactory (origin, opts) {
  return new Pool(origin, opts)
}

const noop = () => {}

function defaultAgentFactory (origin, opts) {
  if (opts.connections === 1) {
    return new Client(origin, opts)
  }
  return new Pool(origin, opts)
}

class Http1ProxyWrapper extends DispatcherBase {
  #client

  constructor (proxyUrl, { headers = {}, connect, factory }) {
    if (!proxyUrl) {
      throw new InvalidArgumentError('Proxy URL is mandatory')
    }

    super()

    this[kProxyHeaders] = headers
    if (factory) {
      this.#client = factory(proxyUrl, { connect })
    } else {
      this.#client = new Client(proxyUrl, { connect })
    }
  }

  [kDispatch] (opts, handler) {
    const onHeaders = handler.onHeaders
    handler.onHeaders = function (statusCode, data, resume) {
      if (statusCode === 407) {
        if (typeof handler.onError === 'function') {
          handler.onError(new InvalidArgumentError('Proxy Authentication Required (407)'))
        }
        return
      }
      if (onHeaders) onHeaders.call(this, statusCode, data, resume)
    }

    // Rewrite request as an HTTP1 Proxy request, without tunneling.
    const {
      origin,
      path = '/',
      headers = {}
    } = opts

    opts.path = origin + path

    if (!('host' in headers) && !('Host' in headers)) {
      const { host } = new URL(origin)
      headers.host = host
    }
    opts.headers = { ...this[kProxyHeaders], ...headers }

    return this.#client[kDispatch](opts, handler)
  }

  [kClose] () {
    return this.#client.close()
  }

  [kDestroy] (err) {
    return this.#client.destroy(err)
  }
}

class ProxyAgent extends DispatcherBase {
  constructor (opts) {
    if (!opts || (typeof opts === 'object' && !(opts instanceof URL) && !opts.uri)) {
      throw new InvalidArgumentError('Proxy uri is mandatory')
    }

    const { clientFactory = defaultFactory } = opts
    if (typeof clientFactory !== 'function') {
      throw new InvalidArgumentError('Proxy opts.clientFactory must be a function.')
    }

    const { proxyTunnel = true } = opts

    super()

    const url = this.#getUrl(opts)
    const { href, origin, port, protocol, username, password, hostname: proxyHostname } = url

    this[kProxy] = { uri: href, protocol }
    this[kRequestTls] = opts.requestTls
    this[kProxyTls] = opts.proxyTls
    this[kProxyHeaders] = opts.headers || {}
    this[kTunnelProxy] = proxyTunnel

    if (opts.auth && opts.token) {
      throw new InvalidArgumentError('opts.auth cannot be used in combination with opts.token')
    } else if (opts.auth) {
      /* @deprecated in favour of opts.token */
      this[kProxyHeaders]['proxy-authorization'] = `Basic ${opts.auth}`
    } else if (opts.token) {
      this[kProxyHeaders]['proxy-authorization'] = opts.token
    } else if (username && password) {
      this[kProxyHeaders]['proxy-authorization'] = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`
    }

    const connect = buildConnector({ ...opts.proxyTls })
    this[kConnectEndpoint] = buildConnector({ ...opts.requestTls })

    const agentFactory = opts.factory || defaultAgentFactory
    const factory = (origin, options) => {
      const { protocol } = new URL(origin)

      // Handle SOCKS5 proxy
      if (this[kProxy].protocol === 'socks5:' || this[kProxy].protocol === 'socks:') {
        return new Socks5ProxyAgent(this[kProxy].uri, {
          headers: this[kProxyHeaders],
          connect,
          factory: agentFactory,
          username: opts.username || username,
          password: opts.password || password,
          proxyTls: opts.proxyTls,
          requestTls: opts.requestTls
        })
      }

      if (!this[kTunnelProxy] && protocol === 'http:' && this[kProxy].protocol === 'http:') {
        return new Http1ProxyWrapper(this[kProxy].uri, {
          headers: this[kProxyHeaders],
          connect,
          factory: agentFactory
        })
      }
      return agentFactory(origin, options)
    }

    // For SOCKS5 proxies, we don't need a client to the proxy itself
    // The SOCKS5 connection is handled within Socks5ProxyAgent
    if (protocol === 'socks5:' || protocol === 'socks:') {
      this[kClient] = null
    } else {
      this[kClient] = clientFactory(url, { connect })
    }

    this[kAgent] = new Agent({
      ...opts,
      factory,
      connect: async (opts, callback) => {
        // SOCKS5 proxies handle their own connections via Socks5ProxyAgent,
        // so this connect function should never be called for them.
        if (!this[kClient]) {
          callback(new InvalidArgumentError('Cannot establish tunnel connection without a proxy client'))
          return
        }

        let requestedPath = opts.host
        if (!opts.port) {
          requestedPath += `:${defaultProtocolPort(opts.protocol)}`
        }
        try {
          const connectParams = {
            origin,
            port,
            path: requestedPath,
            signal: opts.signal,
            headers: {
              ...this[kProxyHeaders],
              host: opts.host,
              ...(opts.connections == null || opts.connections > 0 ? { 'proxy-connection': 'keep-alive' } : {})
            },
            servername: this[kProxyTls]?.servername || proxyHostname
          }
          const { socket, statusCode } = await this[kClient].connect(connectParams)
          if (statusCode !== 200) {
            socket.on('error', noop).destroy()
            callback(new RequestAbortedError(`Proxy response (${statusCode}) !== 200 when HTTP Tunneling`))
            return
          }

          if (channels.proxyConnected.hasSubscribers) {
            channels.proxyConnected.publish({
              socket,
              connectParams
            })
          }

          if (opts.protocol !== 'https:') {
            callback(null, socket)
            return
          }
          let servername
          if (this[kRequestTls]) {
            servername = this[kRequestTls].servername
          } else {
            servername = opts.servername
          }
          this[kConnectEndpoint]({ ...opts, servername, httpSocket: socket }, callback)
        } catch (err) {
          if (err.code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
            // Throw a custom error to avoid loop in client.js#connect
            callback(new SecureProxyConnectionError(err))
          } else {
            callback(err)
          }
        }
      }
    })
  }

  dispatch (opts, handler) {
    const headers = buildHeaders(opts.headers)
    throwIfProxyAuthIsSent(headers)

    if (headers && !('host' in headers) && !('Host' in headers)) {
      const { host } = new URL(opts.origin)
      headers.host = host
    }

    return this[kAgent].dispatch(
      {
        ...opts,
        headers
      },
      handler
    )
  }

  /**
   * @param {import('../../types/proxy-agent').ProxyAgent.Options | string | URL} opts
   * @returns {URL}
   */
  #getUrl (opts) {
    if (typeof opts === 'string') {
      return new URL(opts)
    } else if (opts instanceof URL) {
      return opts
    } else {
      return new URL(opts.uri)
    }
  }

  [kClose] () {
    const promises = [this[kAgent].close()]
    if (this[kClient]) {
      promises.push(this[kClient].close())
    }
    return Promise.all(promises)
  }

  [kDestroy] () {
    const promises = [this[kAgent].destroy()]
    if (this[kClient]) {
      promises.push(this[kClient].destroy())
    }
    return Promise.all(promises)
  }
}

/**
 * @param {string[] | Record<string, string>} headers
 * @returns {Record<string, string>}
 */
function buildHeaders (headers) {
  // When using undici.fetch, the headers list is stored
  // as an array.
  if (Array.isArray(headers)) {
    /** @type {Record<string, string>} */
    const headersPair = {}

    for (let i = 0; i < headers.length; i += 2) {
      headersPair[headers[i]] = headers[i + 1]
    }

    return headersPair
  }

  return headers
}

/**
 * @param {Record<string, string>} headers
 *
 * Previous versions of ProxyAgent suggests the Proxy-Authorization in request headers
 * Nevertheless, it was changed and to avoid a security vulnerability by end users
 * this check was created.
 * It should be removed in the next major version for performance reasons
 */
function throwIfProxyAuthIsSent (headers) {
  const existProxyAuth = headers && Object.keys(headers)
    .find((key) => key.toLowerCase() === 'proxy-authorization')
  if (existProxyAuth) {
    throw new InvalidArgumentError('Proxy-Authorization should be sent in ProxyAgent constructor')
  }
}

module.exports = ProxyAgent


/***/ }),

/***/ 7266:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const { URL } = __nccwpck_require__(3136)

let tls // include tls conditionally since it is not always available
const DispatcherBase = __nccwpck_require__(478)
const { InvalidArgumentError } = __nccwpck_require__(9526)
const { Socks5Client, STATES } = __nccwpck_require__(4329)
const { kDispatch, kClose, kDestroy } = __nccwpck_require__(3528)
const Pool = __nccwpck_require__(7985)
const buildConnector = __nccwpck_require__(511)
const { debuglog } = __nccwpck_require__(7975)

const debug = debuglog('undici:socks5-proxy')

const kProxyUrl = Symbol('proxy url')
const kProxyHeaders = Symbol('proxy headers')
const kProxyAuth = Symbol('proxy auth')
const kProxyProtocol = Symbol('proxy protocol')
const kPools = Symbol('pools')
const kConnector = Symbol('connector')
const kRequestTls = Symbol('request tls settings')

// Static flag to ensure warning is only emitted once per process
let experimentalWarningEmitted = false

/**
 * SOCKS5 proxy agent for dispatching requests through a SOCKS5 proxy
 */
class Socks5ProxyAgent extends DispatcherBase {
  constructor (proxyUrl, options = {}) {
    super()

    // Emit experimental warning only once
    if (!experimentalWarningEmitted) {
      process.emitWarning(
        'SOCKS5 proxy support is experimental and subject to change',
        'ExperimentalWarning'
      )
      experimentalWarningEmitted = true
    }

    if (!proxyUrl) {
      throw new InvalidArgumentError('Proxy URL is mandatory')
    }

    // Parse proxy URL
    const url = typeof proxyUrl === 'string' ? new URL(proxyUrl) : proxyUrl

    if (url.protocol !== 'socks5:' && url.protocol !== 'socks:') {
      throw new InvalidArgumentError('Proxy URL must use socks5:// or socks:// protocol')
    }

    this[kProxyUrl] = url
    this[kProxyHeaders] = options.headers || {}
    this[kProxyProtocol] = options.proxyTls ? 'https:' : 'http:'
    this[kRequestTls] = options.requestTls

    // Extract auth from URL or options
    this[kProxyAuth] = {
      username: options.username || (url.username ? decodeURIComponent(url.username) : null),
      password: options.password || (url.password ? decodeURIComponent(url.password) : null)
    }

    // Create connector for proxy connection
    this[kConnector] = options.connect || buildConnector({
      ...options.proxyTls,
      servername: options.proxyTls?.servername || url.hostname
    })

    // Pools for the actual HTTP connections (with SOCKS5 tunnel connect function), keyed by origin
    this[kPools] = new Map()
  }

  /**
   * Create a SOCKS5 connection to the proxy
   */
  async createSocks5Connection (targetHost, targetPort) {
    const proxyHost = this[kProxyUrl].hostname
    const proxyPort = parseInt(this[kProxyUrl].port) || 1080

    debug('creating SOCKS5 connection to', proxyHost, proxyPort)

    // Connect to the SOCKS5 proxy
    const socket = await new Promise((resolve, reject) => {
      this[kConnector]({
        hostname: proxyHost,
        host: proxyHost,
        port: proxyPort,
        protocol: this[kProxyProtocol]
      }, (err, socket) => {
        if (err) {
          reject(err)
        } else {
          resolve(socket)
        }
      })
    })

    // Create SOCKS5 client
    const socks5Client = new Socks5Client(socket, this[kProxyAuth])

    // Handle SOCKS5 errors
    socks5Client.on('error', (err) => {
      debug('SOCKS5 error:', err)
      socket.destroy()
    })

    // Perform SOCKS5 handshake
    await socks5Client.handshake()

    // Wait for authentication (if required)
    await new Promise((resolve, reject) => {
      const timeout = setTimeout(() => {
        reject(new Error('SOCKS5 authentication timeout'))
      }, 5000)

      const onAuthenticated = () => {
        clearTimeout(timeout)
        socks5Client.removeListener('error', onError)
        resolve()
      }

      const onError = (err) => {
        clearTimeout(timeout)
        socks5Client.removeListener('authenticated', onAuthenticated)
        reject(err)
      }

      // Check if already authenticated (for NO_AUTH method)
      if (socks5Client.state === STATES.AUTHENTICATED) {
        clearTimeout(timeout)
        resolve()
      } else {
        socks5Client.once('authenticated', onAuthenticated)
        socks5Client.once('error', onError)
      }
    })

    // Send CONNECT command
    await socks5Client.connect(targetHost, targetPort)

    // Wait for connection
    await new Promise((resolve, reject) => {
      const timeout = setTimeout(() => {
        reject(new Error('SOCKS5 connection timeout'))
      }, 5000)

      const onConnected = (info) => {
        debug('SOCKS5 tunnel established to', targetHost, targetPort, 'via', info)
        clearTimeout(timeout)
        socks5Client.removeListener('error', onError)
        resolve()
      }

      const onError = (err) => {
        clearTimeout(timeout)
        socks5Client.removeListener('connected', onConnected)
        reject(err)
      }

      socks5Client.once('connected', onConnected)
      socks5Client.once('error', onError)
    })

    return socket
  }

  /**
   * Dispatch a request through the SOCKS5 proxy
   */
  [kDispatch] (opts, handler) {
    const { origin } = opts

    debug('dispatching request to', origin, 'via SOCKS5')

    try {
      const originKey = String(origin)
      let pool = this[kPools].get(originKey)
      // Create a Pool per origin so requests are not routed to the wrong host
      if (!pool || pool.destroyed || pool.closed) {
        pool = new Pool(origin, {
          pipelining: opts.pipelining,
          connections: opts.connections,
          connect: async (connectOpts, callback) => {
            try {
              const url = new URL(origin)
              const targetHost = url.hostname
              const targetPort = parseInt(url.port) || (url.protocol === 'https:' ? 443 : 80)

              debug('establishing SOCKS5 connection to', targetHost, targetPort)

              // Create SOCKS5 tunnel
              const socket = await this.createSocks5Connection(targetHost, targetPort)

              // Handle TLS if needed
              let finalSocket = socket
              if (url.protocol === 'https:') {
                if (!tls) {
                  tls = __nccwpck_require__(1692)
                }
                debug('upgrading to TLS')
                finalSocket = tls.connect({
                  ...this[kRequestTls],
                  socket,
                  servername: this[kRequestTls]?.servername || targetHost
                })

                await new Promise((resolve, reject) => {
                  finalSocket.once('secureConnect', resolve)
                  finalSocket.once('error', reject)
                })
              }

              callback(null, finalSocket)
            } catch (err) {
              debug('SOCKS5 connection error:', err)
              callback(err)
            }
          }
        })
        this[kPools].set(originKey, pool)
      }

      // Dispatch the request through the per-origin pool
      return pool[kDispatch](opts, handler)
    } catch (err) {
      debug('dispatch error:', err)
      if (typeof handler.onResponseError === 'function') {
        handler.onResponseError(null, err)
        return false
      } else if (typeof handler.onError === 'function') {
        handler.onError(err)
        return false
      } else {
        throw err
      }
    }
  }

  async [kClose] () {
    const closePromises = []
    for (const pool of this[kPools].values()) {
      closePromises.push(pool.close())
    }
    this[kPools].clear()
    await Promise.all(closePromises)
  }

  async [kDestroy] (err) {
    const destroyPromises = []
    for (const pool of this[kPools].values()) {
      destroyPromises.push(pool.destroy(err))
    }
    this[kPools].clear()
    await Promise.all(destroyPromises)
  }
}

module.exports = Socks5ProxyAgent


/***/ }),

/***/ 1946:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const { parseHeaders } = __nccwpck_require__(9145)
const { InvalidArgumentError } = __nccwpck_require__(9526)

const kResume = Symbol('resume')

class UnwrapController {
  #paused = false
  #reason = null
  #aborted = false
  #abort

  [kResume] = null

  rawHeaders = null
  rawTrailers = null

  constructor (abort) {
    this.#abort = abort
  }

  pause () {
    this.#paused = true
  }

  resume () {
    if (this.#paused) {
      this.#paused = false
      this[kResume]?.()
    }
  }

  abort (reason) {
    if (!this.#aborted) {
      this.#aborted = true
      this.#reason = reason
      this.#abort(reason)
    }
  }

  get aborted () {
    return this.#aborted
  }

  get reason () {
    return this.#reason
  }

  get paused () {
    return this.#paused
  }
}

module.exports = class UnwrapHandler {
  #handler
  #controller

  constructor (handler) {
    this.#handler = handler
  }

  static unwrap (handler) {
    // TODO (fix): More checks...
    return !handler.onRequestStart ? handler : new UnwrapHandler(handler)
  }

  onConnect (abort, context) {
    this.#controller = new UnwrapController(abort)
    this.#handler.onRequestStart?.(this.#controller, context)
  }

  onResponseStarted () {
    return this.#handler.onResponseStarted?.()
  }

  onUpgrade (statusCode, rawHeaders, socket) {
    this.#controller.rawHeaders = rawHeaders
    this.#handler.onRequestUpgrade?.(this.#controller, statusCode, parseHeaders(rawHeaders), socket)
  }

  onHeaders (statusCode, rawHeaders, resume, statusMessage) {
    this.#controller[kResume] = resume
    this.#controller.rawHeaders = rawHeaders
    this.#handler.onResponseStart?.(this.#controller, statusCode, parseHeaders(rawHeaders), statusMessage)
    return !this.#controller.paused
  }

  onData (data) {
    this.#handler.onResponseData?.(this.#controller, data)
    return !this.#controller.paused
  }

  onComplete (rawTrailers) {
    this.#controller.rawTrailers = rawTrailers
    this.#handler.onResponseEnd?.(this.#controller, parseHeaders(rawTrailers))
  }

  onError (err) {
    if (!this.#handler.onResponseError) {
      throw new InvalidArgumentError('invalid onError method')
    }

    this.#handler.onResponseError?.(this.#controller, err)
  }
}


/***/ }),

/***/ 8085:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const { InvalidArgumentError } = __nccwpck_require__(9526)

module.exports = class WrapHandler {
  #handler

  constructor (handler) {
    this.#handler = handler
  }

  static wrap (handler) {
    // TODO (fix): More checks...
    return handler.onRequestStart ? handler : new WrapHandler(handler)
  }

  // Unwrap Interface

  onConnect (abort, context) {
    return this.#handler.onConnect?.(abort, context)
  }

  onResponseStarted () {
    return this.#handler.onResponseStarted?.()
  }

  onHeaders (statusCode, rawHeaders, resume, statusMessage) {
    return this.#handler.onHeaders?.(statusCode, rawHeaders, resume, statusMessage)
  }

  onUpgrade (statusCode, rawHeaders, socket) {
    return this.#handler.onUpgrade?.(statusCode, rawHeaders, socket)
  }

  onData (data) {
    return this.#handler.onData?.(data)
  }

  onComplete (trailers) {
    return this.#handler.onComplete?.(trailers)
  }

  onError (err) {
    if (!this.#handler.onError) {
      throw err
    }

    return this.#handler.onError?.(err)
  }

  // Wrap Interface

  onRequestStart (controller, context) {
    this.#handler.onConnect?.((reason) => controller.abort(reason), context)
  }

  onRequestUpgrade (controller, statusCode, headers, socket) {
    const rawHeaders = []
    for (const [key, val] of Object.entries(headers)) {
      rawHeaders.push(Buffer.from(key, 'latin1'), toRawHeaderValue(val))
    }

    this.#handler.onUpgrade?.(statusCode, rawHeaders, socket)
  }

  onResponseStart (controller, statusCode, headers, statusMessage) {
    const rawHeaders = []
    for (const [key, val] of Object.entries(headers)) {
      rawHeaders.push(Buffer.from(key, 'latin1'), toRawHeaderValue(val))
    }

    if (this.#handler.onHeaders?.(statusCode, rawHeaders, () => controller.resume(), statusMessage) === false) {
      controller.pause()
    }
  }

  onResponseData (controller, data) {
    if (this.#handler.onData?.(data) === false) {
      controller.pause()
    }
  }

  onResponseEnd (controller, trailers) {
    const rawTrailers = []
    for (const [key, val] of Object.entries(trailers)) {
      rawTrailers.push(Buffer.from(key, 'latin1'), toRawHeaderValue(val))
    }

    this.#handler.onComplete?.(rawTrailers)
  }

  onResponseError (controller, err) {
    if (!this.#handler.onError) {
      throw new InvalidArgumentError('invalid onError method')
    }

    this.#handler.onError?.(err)
  }
}

function toRawHeaderValue (value) {
  return Array.isArray(value)
    ? value.map((item) => Buffer.from(item, 'latin1'))
    : Buffer.from(value, 'latin1')
}


/***/ }),

/***/ 6755:
/***/ ((__unused_webpack_module, exports, __nccwpck_require__) => {


Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.SPECIAL_HEADERS = exports.MINOR = exports.MAJOR = exports.HTAB_SP_VCHAR_OBS_TEXT = exports.QUOTED_STRING = exports.CONNECTION_TOKEN_CHARS = exports.HEADER_CHARS = exports.TOKEN = exports.HEX = exports.URL_CHAR = exports.USERINFO_CHARS = exports.MARK = exports.ALPHANUM = exports.NUM = exports.HEX_MAP = exports.NUM_MAP = exports.ALPHA = exports.STATUSES_HTTP = exports.H_METHOD_MAP = exports.METHOD_MAP = exports.METHODS_RTSP = exports.METHODS_ICE = exports.METHODS_HTTP = exports.HEADER_STATE = exports.FINISH = exports.STATUSES = exports.METHODS = exports.LENIENT_FLAGS = exports.FLAGS = exports.TYPE = exports.ERROR = void 0;
const utils_1 = __nccwpck_require__(5075);
// Emums
exports.ERROR = {
    OK: 0,
    INTERNAL: 1,
    STRICT: 2,
    CR_EXPECTED: 25,
    LF_EXPECTED: 3,
    UNEXPECTED_CONTENT_LENGTH: 4,
    UNEXPECTED_SPACE: 30,
    CLOSED_CONNECTION: 5,
    INVALID_METHOD: 6,
    INVALID_URL: 7,
    INVALID_CONSTANT: 8,
    INVALID_VERSION: 9,
    INVALID_HEADER_TOKEN: 10,
    INVALID_CONTENT_LENGTH: 11,
    INVALID_CHUNK_SIZE: 12,
    INVALID_STATUS: 13,
    INVALID_EOF_STATE: 14,
    INVALID_TRANSFER_ENCODING: 15,
    CB_MESSAGE_BEGIN: 16,
    CB_HEADERS_COMPLETE: 17,
    CB_MESSAGE_COMPLETE: 18,
    CB_CHUNK_HEADER: 19,
    CB_CHUNK_COMPLETE: 20,
    PAUSED: 21,
    PAUSED_UPGRADE: 22,
    PAUSED_H2_UPGRADE: 23,
    USER: 24,
    CB_URL_COMPLETE: 26,
    CB_STATUS_COMPLETE: 27,
    CB_METHOD_COMPLETE: 32,
    CB_VERSION_COMPLETE: 33,
    CB_HEADER_FIELD_COMPLETE: 28,
    CB_HEADER_VALUE_COMPLETE: 29,
    CB_CHUNK_EXTENSION_NAME_COMPLETE: 34,
    CB_CHUNK_EXTENSION_VALUE_COMPLETE: 35,
    CB_RESET: 31,
    CB_PROTOCOL_COMPLETE: 38,
};
exports.TYPE = {
    BOTH: 0, // default
    REQUEST: 1,
    RESPONSE: 2,
};
exports.FLAGS = {
    CONNECTION_KEEP_ALIVE: 1 << 0,
    CONNECTION_CLOSE: 1 << 1,
    CONNECTION_UPGRADE: 1 << 2,
    CHUNKED: 1 << 3,
    UPGRADE: 1 << 4,
    CONTENT_LENGTH: 1 << 5,
    SKIPBODY: 1 << 6,
    TRAILING: 1 << 7,
    // 1 << 8 is unused
    TRANSFER_ENCODING: 1 << 9,
};
exports.LENIENT_FLAGS = {
    HEADERS: 1 << 0,
    CHUNKED_LENGTH: 1 << 1,
    KEEP_ALIVE: 1 << 2,
    TRANSFER_ENCODING: 1 << 3,
    VERSION: 1 << 4,
    DATA_AFTER_CLOSE: 1 << 5,
    OPTIONAL_LF_AFTER_CR: 1 << 6,
    OPTIONAL_CRLF_AFTER_CHUNK: 1 << 7,
    OPTIONAL_CR_BEFORE_LF: 1 << 8,
    SPACES_AFTER_CHUNK_SIZE: 1 << 9,
};
exports.METHODS = {
    'DELETE': 0,
    'GET': 1,
    'HEAD': 2,
    'POST': 3,
    'PUT': 4,
    /* pathological */
    'CONNECT': 5,
    'OPTIONS': 6,
    'TRACE': 7,
    /* WebDAV */
    'COPY': 8,
    'LOCK': 9,
    'MKCOL': 10,
    'MOVE': 11,
    'PROPFIND': 12,
    'PROPPATCH': 13,
    'SEARCH': 14,
    'UNLOCK': 15,
    'BIND': 16,
    'REBIND': 17,
    'UNBIND': 18,
    'ACL': 19,
    /* subversion */
    'REPORT': 20,
    'MKACTIVITY': 21,
    'CHECKOUT': 22,
    'MERGE': 23,
    /* upnp */
    'M-SEARCH': 24,
    'NOTIFY': 25,
    'SUBSCRIBE': 26,
    'UNSUBSCRIBE': 27,
    /* RFC-5789 */
    'PATCH': 28,
    'PURGE': 29,
    /* CalDAV */
    'MKCALENDAR': 30,
    /* RFC-2068, section 19.6.1.2 */
    'LINK': 31,
    'UNLINK': 32,
    /* icecast */
    'SOURCE': 33,
    /* RFC-7540, section 11.6 */
    'PRI': 34,
    /* RFC-2326 RTSP */
    'DESCRIBE': 35,
    'ANNOUNCE': 36,
    'SETUP': 37,
    'PLAY': 38,
    'PAUSE': 39,
    'TEARDOWN': 40,
    'GET_PARAMETER': 41,
    'SET_PARAMETER': 42,
    'REDIRECT': 43,
    'RECORD': 44,
    /* RAOP */
    'FLUSH': 45,
    /* DRAFT https://www.ietf.org/archive/id/draft-ietf-httpbis-safe-method-w-body-02.html */
    'QUERY': 46,
};
exports.STATUSES = {
    CONTINUE: 100,
    SWITCHING_PROTOCOLS: 101,
    PROCESSING: 102,
    EARLY_HINTS: 103,
    RESPONSE_IS_STALE: 110, // Unofficial
    REVALIDATION_FAILED: 111, // Unofficial
    DISCONNECTED_OPERATION: 112, // Unofficial
    HEURISTIC_EXPIRATION: 113, // Unofficial
    MISCELLANEOUS_WARNING: 199, // Unofficial
    OK: 200,
    CREATED: 201,
    ACCEPTED: 202,
    NON_AUTHORITATIVE_INFORMATION: 203,
    NO_CONTENT: 204,
    RESET_CONTENT: 205,
    PARTIAL_CONTENT: 206,
    MULTI_STATUS: 207,
    ALREADY_REPORTED: 208,
    TRANSFORMATION_APPLIED: 214, // Unofficial
    IM_USED: 226,
    MISCELLANEOUS_PERSISTENT_WARNING: 299, // Unofficial
    MULTIPLE_CHOICES: 300,
    MOVED_PERMANENTLY: 301,
    FOUND: 302,
    SEE_OTHER: 303,
    NOT_MODIFIED: 304,
    USE_PROXY: 305,
    SWITCH_PROXY: 306, // No longer used
    TEMPORARY_REDIRECT: 307,
    PERMANENT_REDIRECT: 308,
    BAD_REQUEST: 400,
    UNAUTHORIZED: 401,
    PAYMENT_REQUIRED: 402,
    FORBIDDEN: 403,
    NOT_FOUND: 404,
    METHOD_NOT_ALLOWED: 405,
    NOT_ACCEPTABLE: 406,
    PROXY_AUTHENTICATION_REQUIRED: 407,
    REQUEST_TIMEOUT: 408,
    CONFLICT: 409,
    GONE: 410,
    LENGTH_REQUIRED: 411,
    PRECONDITION_FAILED: 412,
    PAYLOAD_TOO_LARGE: 413,
    URI_TOO_LONG: 414,
    UNSUPPORTED_MEDIA_TYPE: 415,
    RANGE_NOT_SATISFIABLE: 416,
    EXPECTATION_FAILED: 417,
    IM_A_TEAPOT: 418,
    PAGE_EXPIRED: 419, // Unofficial
    ENHANCE_YOUR_CALM: 420, // Unofficial
    MISDIRECTED_REQUEST: 421,
    UNPROCESSABLE_ENTITY: 422,
    LOCKED: 423,
    FAILED_DEPENDENCY: 424,
    TOO_EARLY: 425,
    UPGRADE_REQUIRED: 426,
    PRECONDITION_REQUIRED: 428,
    TOO_MANY_REQUESTS: 429,
    REQUEST_HEADER_FIELDS_TOO_LARGE_UNOFFICIAL: 430, // Unofficial
    REQUEST_HEADER_FIELDS_TOO_LARGE: 431,
    LOGIN_TIMEOUT: 440, // Unofficial
    NO_RESPONSE: 444, // Unofficial
    RETRY_WITH: 449, // Unofficial
    BLOCKED_BY_PARENTAL_CONTROL: 450, // Unofficial
    UNAVAILABLE_FOR_LEGAL_REASONS: 451,
    CLIENT_CLOSED_LOAD_BALANCED_REQUEST: 460, // Unofficial
    INVALID_X_FORWARDED_FOR: 463, // Unofficial
    REQUEST_HEADER_TOO_LARGE: 494, // Unofficial
    SSL_CERTIFICATE_ERROR: 495, // Unofficial
    SSL_CERTIFICATE_REQUIRED: 496, // Unofficial
    HTTP_REQUEST_SENT_TO_HTTPS_PORT: 497, // Unofficial
    INVALID_TOKEN: 498, // Unofficial
    CLIENT_CLOSED_REQUEST: 499, // Unofficial
    INTERNAL_SERVER_ERROR: 500,
    NOT_IMPLEMENTED: 501,
    BAD_GATEWAY: 502,
    SERVICE_UNAVAILABLE: 503,
    GATEWAY_TIMEOUT: 504,
    HTTP_VERSION_NOT_SUPPORTED: 505,
    VARIANT_ALSO_NEGOTIATES: 506,
    INSUFFICIENT_STORAGE: 507,
    LOOP_DETECTED: 508,
    BANDWIDTH_LIMIT_EXCEEDED: 509,
    NOT_EXTENDED: 510,
    NETWORK_AUTHENTICATION_REQUIRED: 511,
    WEB_SERVER_UNKNOWN_ERROR: 520, // Unofficial
    WEB_SERVER_IS_DOWN: 521, // Unofficial
    CONNECTION_TIMEOUT: 522, // Unofficial
    ORIGIN_IS_UNREACHABLE: 523, // Unofficial
    TIMEOUT_OCCURED: 524, // Unofficial
    SSL_HANDSHAKE_FAILED: 525, // Unofficial
    INVALID_SSL_CERTIFICATE: 526, // Unofficial
    RAILGUN_ERROR: 527, // Unofficial
    SITE_IS_OVERLOADED: 529, // Unofficial
    SITE_IS_FROZEN: 530, // Unofficial
    IDENTITY_PROVIDER_AUTHENTICATION_ERROR: 561, // Unofficial
    NETWORK_READ_TIMEOUT: 598, // Unofficial
    NETWORK_CONNECT_TIMEOUT: 599, // Unofficial
};
exports.FINISH = {
    SAFE: 0,
    SAFE_WITH_CB: 1,
    UNSAFE: 2,
};
exports.HEADER_STATE = {
    GENERAL: 0,
    CONNECTION: 1,
    CONTENT_LENGTH: 2,
    TRANSFER_ENCODING: 3,
    UPGRADE: 4,
    CONNECTION_KEEP_ALIVE: 5,
    CONNECTION_CLOSE: 6,
    CONNECTION_UPGRADE: 7,
    TRANSFER_ENCODING_CHUNKED: 8,
};
// C headers
exports.METHODS_HTTP = [
    exports.METHODS.DELETE,
    exports.METHODS.GET,
    exports.METHODS.HEAD,
    exports.METHODS.POST,
    exports.METHODS.PUT,
    exports.METHODS.CONNECT,
    exports.METHODS.OPTIONS,
    exports.METHODS.TRACE,
    exports.METHODS.COPY,
    exports.METHODS.LOCK,
    exports.METHODS.MKCOL,
    exports.METHODS.MOVE,
    exports.METHODS.PROPFIND,
    exports.METHODS.PROPPATCH,
    exports.METHODS.SEARCH,
    exports.METHODS.UNLOCK,
    exports.METHODS.BIND,
    exports.METHODS.REBIND,
    exports.METHODS.UNBIND,
    exports.METHODS.ACL,
    exports.METHODS.REPORT,
    exports.METHODS.MKACTIVITY,
    exports.METHODS.CHECKOUT,
    exports.METHODS.MERGE,
    exports.METHODS['M-SEARCH'],
    exports.METHODS.NOTIFY,
    exports.METHODS.SUBSCRIBE,
    exports.METHODS.UNSUBSCRIBE,
    exports.METHODS.PATCH,
    exports.METHODS.PURGE,
    exports.METHODS.MKCALENDAR,
    exports.METHODS.LINK,
    exports.METHODS.UNLINK,
    exports.METHODS.PRI,
    // TODO(indutny): should we allow it with HTTP?
    exports.METHODS.SOURCE,
    exports.METHODS.QUERY,
];
exports.METHODS_ICE = [
    exports.METHODS.SOURCE,
];
exports.METHODS_RTSP = [
    exports.METHODS.OPTIONS,
    exports.METHODS.DESCRIBE,
    exports.METHODS.ANNOUNCE,
    exports.METHODS.SETUP,
    exports.METHODS.PLAY,
    exports.METHODS.PAUSE,
    exports.METHODS.TEARDOWN,
    exports.METHODS.GET_PARAMETER,
    exports.METHODS.SET_PARAMETER,
    exports.METHODS.REDIRECT,
    exports.METHODS.RECORD,
    exports.METHODS.FLUSH,
    // For AirPlay
    exports.METHODS.GET,
    exports.METHODS.POST,
];
exports.METHOD_MAP = (0, utils_1.enumToMap)(exports.METHODS);
exports.H_METHOD_MAP = Object.fromEntries(Object.entries(exports.METHODS).filter(([k]) => k.startsWith('H')));
exports.STATUSES_HTTP = [
    exports.STATUSES.CONTINUE,
    exports.STATUSES.SWITCHING_PROTOCOLS,
    exports.STATUSES.PROCESSING,
    exports.STATUSES.EARLY_HINTS,
    exports.STATUSES.RESPONSE_IS_STALE,
    exports.STATUSES.REVALIDATION_FAILED,
    exports.STATUSES.DISCONNECTED_OPERATION,
    exports.STATUSES.HEURISTIC_EXPIRATION,
    exports.STATUSES.MISCELLANEOUS_WARNING,
    exports.STATUSES.OK,
    exports.STATUSES.CREATED,
    exports.STATUSES.ACCEPTED,
    exports.STATUSES.NON_AUTHORITATIVE_INFORMATION,
    exports.STATUSES.NO_CONTENT,
    exports.STATUSES.RESET_CONTENT,
    exports.STATUSES.PARTIAL_CONTENT,
    exports.STATUSES.MULTI_STATUS,
    exports.STATUSES.ALREADY_REPORTED,
    exports.STATUSES.TRANSFORMATION_APPLIED,
    exports.STATUSES.IM_USED,
    exports.STATUSES.MISCELLANEOUS_PERSISTENT_WARNING,
    exports.STATUSES.MULTIPLE_CHOICES,
    exports.STATUSES.MOVED_PERMANENTLY,
    exports.STATUSES.FOUND,
    exports.STATUSES.SEE_OTHER,
    exports.STATUSES.NOT_MODIFIED,
    exports.STATUSES.USE_PROXY,
    exports.STATUSES.SWITCH_PROXY,
    exports.STATUSES.TEMPORARY_REDIRECT,
    exports.STATUSES.PERMANENT_REDIRECT,
    exports.STATUSES.BAD_REQUEST,
    exports.STATUSES.UNAUTHORIZED,
    exports.STATUSES.PAYMENT_REQUIRED,
    exports.STATUSES.FORBIDDEN,
    exports.STATUSES.NOT_FOUND,
    exports.STATUSES.METHOD_NOT_ALLOWED,
    exports.STATUSES.NOT_ACCEPTABLE,
    exports.STATUSES.PROXY_AUTHENTICATION_REQUIRED,
    exports.STATUSES.REQUEST_TIMEOUT,
    exports.STATUSES.CONFLICT,
    exports.STATUSES.GONE,
    exports.STATUSES.LENGTH_REQUIRED,
    exports.STATUSES.PRECONDITION_FAILED,
    exports.STATUSES.PAYLOAD_TOO_LARGE,
    exports.STATUSES.URI_TOO_LONG,
    exports.STATUSES.UNSUPPORTED_MEDIA_TYPE,
    exports.STATUSES.RANGE_NOT_SATISFIABLE,
    exports.STATUSES.EXPECTATION_FAILED,
    exports.STATUSES.IM_A_TEAPOT,
    exports.STATUSES.PAGE_EXPIRED,
    exports.STATUSES.ENHANCE_YOUR_CALM,
    exports.STATUSES.MISDIRECTED_REQUEST,
    exports.STATUSES.UNPROCESSABLE_ENTITY,
    exports.STATUSES.LOCKED,
    exports.STATUSES.FAILED_DEPENDENCY,
    exports.STATUSES.TOO_EARLY,
    exports.STATUSES.UPGRADE_REQUIRED,
    exports.STATUSES.PRECONDITION_REQUIRED,
    exports.STATUSES.TOO_MANY_REQUESTS,
    exports.STATUSES.REQUEST_HEADER_FIELDS_TOO_LARGE_UNOFFICIAL,
    exports.STATUSES.REQUEST_HEADER_FIELDS_TOO_LARGE,
    exports.STATUSES.LOGIN_TIMEOUT,
    exports.STATUSES.NO_RESPONSE,
    exports.STATUSES.RETRY_WITH,
    exports.STATUSES.BLOCKED_BY_PARENTAL_CONTROL,
    exports.STATUSES.UNAVAILABLE_FOR_LEGAL_REASONS,
    exports.STATUSES.CLIENT_CLOSED_LOAD_BALANCED_REQUEST,
    exports.STATUSES.INVALID_X_FORWARDED_FOR,
    exports.STATUSES.REQUEST_HEADER_TOO_LARGE,
    exports.STATUSES.SSL_CERTIFICATE_ERROR,
    exports.STATUSES.SSL_CERTIFICATE_REQUIRED,
    exports.STATUSES.HTTP_REQUEST_SENT_TO_HTTPS_PORT,
    exports.STATUSES.INVALID_TOKEN,
    exports.STATUSES.CLIENT_CLOSED_REQUEST,
    exports.STATUSES.INTERNAL_SERVER_ERROR,
    exports.STATUSES.NOT_IMPLEMENTED,
    exports.STATUSES.BAD_GATEWAY,
    exports.STATUSES.SERVICE_UNAVAILABLE,
    exports.STATUSES.GATEWAY_TIMEOUT,
    exports.STATUSES.HTTP_VERSION_NOT_SUPPORTED,
    exports.STATUSES.VARIANT_ALSO_NEGOTIATES,
    exports.STATUSES.INSUFFICIENT_STORAGE,
    exports.STATUSES.LOOP_DETECTED,
    exports.STATUSES.BANDWIDTH_LIMIT_EXCEEDED,
    exports.STATUSES.NOT_EXTENDED,
    exports.STATUSES.NETWORK_AUTHENTICATION_REQUIRED,
    exports.STATUSES.WEB_SERVER_UNKNOWN_ERROR,
    exports.STATUSES.WEB_SERVER_IS_DOWN,
    exports.STATUSES.CONNECTION_TIMEOUT,
    exports.STATUSES.ORIGIN_IS_UNREACHABLE,
    exports.STATUSES.TIMEOUT_OCCURED,
    exports.STATUSES.SSL_HANDSHAKE_FAILED,
    exports.STATUSES.INVALID_SSL_CERTIFICATE,
    exports.STATUSES.RAILGUN_ERROR,
    exports.STATUSES.SITE_IS_OVERLOADED,
    exports.STATUSES.SITE_IS_FROZEN,
    exports.STATUSES.IDENTITY_PROVIDER_AUTHENTICATION_ERROR,
    exports.STATUSES.NETWORK_READ_TIMEOUT,
    exports.STATUSES.NETWORK_CONNECT_TIMEOUT,
];
exports.ALPHA = [];
for (let i = 'A'.charCodeAt(0); i <= 'Z'.charCodeAt(0); i++) {
    // Upper case
    exports.ALPHA.push(String.fromCharCode(i));
    // Lower case
    exports.ALPHA.push(String.fromCharCode(i + 0x20));
}
exports.NUM_MAP = {
    0: 0, 1: 1, 2: 2, 3: 3, 4: 4,
    5: 5, 6: 6, 7: 7, 8: 8, 9: 9,
};
exports.HEX_MAP = {
    0: 0, 1: 1, 2: 2, 3: 3, 4: 4,
    5: 5, 6: 6, 7: 7, 8: 8, 9: 9,
    A: 0XA, B: 0XB, C: 0XC, D: 0XD, E: 0XE, F: 0XF,
    a: 0xa, b: 0xb, c: 0xc, d: 0xd, e: 0xe, f: 0xf,
};
exports.NUM = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
];
exports.ALPHANUM = exports.ALPHA.concat(exports.NUM);
exports.MARK = ['-', '_', '.', '!', '~', '*', '\'', '(', ')'];
exports.USERINFO_CHARS = exports.ALPHANUM
    .concat(exports.MARK)
    .concat(['%', ';', ':', '&', '=', '+', '$', ',']);
// TODO(indutny): use RFC
exports.URL_CHAR = [
    '!', '"', '$', '%', '&', '\'',
    '(', ')', '*', '+', ',', '-', '.', '/',
    ':', ';', '<', '=', '>',
    '@', '[', '\\', ']', '^', '_',
    '`',
    '{', '|', '}', '~',
].concat(exports.ALPHANUM);
exports.HEX = exports.NUM.concat(['a', 'b', 'c', 'd', 'e', 'f', 'A', 'B', 'C', 'D', 'E', 'F']);
/* Tokens as defined by rfc 2616. Also lowercases them.
 *        token       = 1*<any CHAR except CTLs or separators>
 *     separators     = "(" | ")" | "<" | ">" | "@"
 *                    | "," | ";" | ":" | "\" | <">
 *                    | "/" | "[" | "]" | "?" | "="
 *                    | "{" | "}" | SP | HT
 */
exports.TOKEN = [
    '!', '#', '$', '%', '&', '\'',
    '*', '+', '-', '.',
    '^', '_', '`',
    '|', '~',
].concat(exports.ALPHANUM);
/*
 * Verify that a char is a valid visible (printable) US-ASCII
 * character or %x80-FF
 */
exports.HEADER_CHARS = ['\t'];
for (let i = 32; i <= 255; i++) {
    if (i !== 127) {
        exports.HEADER_CHARS.push(i);
    }
}
// ',' = \x44
exports.CONNECTION_TOKEN_CHARS = exports.HEADER_CHARS.filter((c) => c !== 44);
exports.QUOTED_STRING = ['\t', ' '];
for (let i = 0x21; i <= 0xff; i++) {
    if (i !== 0x22 && i !== 0x5c) { // All characters in ASCII except \ and "
        exports.QUOTED_STRING.push(i);
    }
}
exports.HTAB_SP_VCHAR_OBS_TEXT = ['\t', ' '];
// VCHAR: https://tools.ietf.org/html/rfc5234#appendix-B.1
for (let i = 0x21; i <= 0x7E; i++) {
    exports.HTAB_SP_VCHAR_OBS_TEXT.push(i);
}
// OBS_TEXT: https://datatracker.ietf.org/doc/html/rfc9110#name-collected-abnf
for (let i = 0x80; i <= 0xff; i++) {
    exports.HTAB_SP_VCHAR_OBS_TEXT.push(i);
}
exports.MAJOR = exports.NUM_MAP;
exports.MINOR = exports.MAJOR;
exports.SPECIAL_HEADERS = {
    'connection': exports.HEADER_STATE.CONNECTION,
    'content-length': exports.HEADER_STATE.CONTENT_LENGTH,
    'proxy-connection': exports.HEADER_STATE.CONNECTION,
    'transfer-encoding': exports.HEADER_STATE.TRANSFER_ENCODING,
    'upgrade': exports.HEADER_STATE.UPGRADE,
};
exports["default"] = {
    ERROR: exports.ERROR,
    TYPE: exports.TYPE,
    FLAGS: exports.FLAGS,
    LENIENT_FLAGS: exports.LENIENT_FLAGS,
    METHODS: exports.METHODS,
    STATUSES: exports.STATUSES,
    FINISH: exports.FINISH,
    HEADER_STATE: exports.HEADER_STATE,
    ALPHA: exports.ALPHA,
    NUM_MAP: exports.NUM_MAP,
    HEX_MAP: exports.HEX_MAP,
    NUM: exports.NUM,
    ALPHANUM: exports.ALPHANUM,
    MARK: exports.MARK,
    USERINFO_CHARS: exports.USERINFO_CHARS,
    URL_CHAR: exports.URL_CHAR,
    HEX: exports.HEX,
    TOKEN: exports.TOKEN,
    HEADER_CHARS: exports.HEADER_CHARS,
    CONNECTION_TOKEN_CHARS: exports.CONNECTION_TOKEN_CHARS,
    QUOTED_STRING: exports.QUOTED_STRING,
    HTAB_SP_VCHAR_OBS_TEXT: exports.HTAB_SP_VCHAR_OBS_TEXT,
    MAJOR: exports.MAJOR,
    MINOR: exports.MINOR,
    SPECIAL_HEADERS: exports.SPECIAL_HEADERS,
    METHODS_HTTP: exports.METHODS_HTTP,
    METHODS_ICE: exports.METHODS_ICE,
    METHODS_RTSP: exports.METHODS_RTSP,
    METHOD_MAP: exports.METHOD_MAP,
    H_METHOD_MAP: exports.H_METHOD_MAP,
    STATUSES_HTTP: exports.STATUSES_HTTP,
};


/***/ }),

/***/ 9661:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {

/* module decorator */ module = __nccwpck_require__.nmd(module);


const { Buffer } = __nccwpck_require__(4573)

const wasmBase64 = 'AGFzbQEAAAABJwdgAX8Bf2ADf39/AX9gAn9/AGABfwBgBH9/f38Bf2AAAGADf39/AALLAQgDZW52GHdhc21fb25faGVhZGVyc19jb21wbGV0ZQAEA2VudhV3YXNtX29uX21lc3NhZ2VfYmVnaW4AAANlbnYLd2FzbV9vbl91cmwAAQNlbnYOd2FzbV9vbl9zdGF0dXMAAQNlbnYUd2FzbV9vbl9oZWFkZXJfZmllbGQAAQNlbnYUd2FzbV9vbl9oZWFkZXJfdmFsdWUAAQNlbnYMd2FzbV9vbl9ib2R5AAEDZW52GHdhc21fb25fbWVzc2FnZV9jb21wbGV0ZQAAAzU0BQYAAAMAAAAAAAADAQMAAwMDAAACAAAAAAICAgICAgICAgIBAQEBAQEBAQEBAwAAAwAAAAQFAXABExMFAwEAAgYIAX8BQcDZBAsHxQcoBm1lbW9yeQIAC19pbml0aWFsaXplAAgZX19pbmRpcmVjdF9mdW5jdGlvbl90YWJsZQEAC2xsaHR0cF9pbml0AAkYbGxodHRwX3Nob3VsZF9rZWVwX2FsaXZlADcMbGxodHRwX2FsbG9jAAsGbWFsbG9jADkLbGxodHRwX2ZyZWUADARmcmVlAAwPbGxodHRwX2dldF90eXBlAA0VbGxodHRwX2dldF9odHRwX21ham9yAA4VbGxodHRwX2dldF9odHRwX21pbm9yAA8RbGxodHRwX2dldF9tZXRob2QAEBZsbGh0dHBfZ2V0X3N0YXR1c19jb2RlABESbGxodHRwX2dldF91cGdyYWRlABIMbGxodHRwX3Jlc2V0ABMObGxodHRwX2V4ZWN1dGUAFBRsbGh0dHBfc2V0dGluZ3NfaW5pdAAVDWxsaHR0cF9maW5pc2gAFgxsbGh0dHBfcGF1c2UAFw1sbGh0dHBfcmVzdW1lABgbbGxodHRwX3Jlc3VtZV9hZnRlcl91cGdyYWRlABkQbGxodHRwX2dldF9lcnJubwAaF2xsaHR0cF9nZXRfZXJyb3JfcmVhc29uABsXbGxodHRwX3NldF9lcnJvcl9yZWFzb24AHBRsbGh0dHBfZ2V0X2Vycm9yX3BvcwAdEWxsaHR0cF9lcnJub19uYW1lAB4SbGxodHRwX21ldGhvZF9uYW1lAB8SbGxodHRwX3N0YXR1c19uYW1lACAabGxodHRwX3NldF9sZW5pZW50X2hlYWRlcnMAISFsbGh0dHBfc2V0X2xlbmllbnRfY2h1bmtlZF9sZW5ndGgAIh1sbGh0dHBfc2V0X2xlbmllbnRfa2VlcF9hbGl2ZQAjJGxsaHR0cF9zZXRfbGVuaWVudF90cmFuc2Zlcl9lbmNvZGluZwAkGmxsaHR0cF9zZXRfbGVuaWVudF92ZXJzaW9uACUjbGxodHRwX3NldF9sZW5pZW50X2RhdGFfYWZ0ZXJfY2xvc2UAJidsbGh0dHBfc2V0X2xlbmllbnRfb3B0aW9uYWxfbGZfYWZ0ZXJfY3IAJyxsbGh0dHBfc2V0X2xlbmllbnRfb3B0aW9uYWxfY3JsZl9hZnRlcl9jaHVuawAoKGxsaHR0cF9zZXRfbGVuaWVudF9vcHRpb25hbF9jcl9iZWZvcmVfbGYAKSpsbGh0dHBfc2V0X2xlbmllbnRfc3BhY2VzX2FmdGVyX2NodW5rX3NpemUAKhhsbGh0dHBfbWVzc2FnZV9uZWVkc19lb2YANgkYAQBBAQsSAQIDBAUKBgcyNDMuKy8tLDAxCq/ZAjQWAEHA1QAoAgAEQAALQcDVAEEBNgIACxQAIAAQOCAAIAI2AjggACABOgAoCxQAIAAgAC8BNCAALQAwIAAQNxAACx4BAX9BwAAQOiIBEDggAUGACDYCOCABIAA6ACggAQuPDAEHfwJAIABFDQAgAEEIayIBIABBBGsoAgAiAEF4cSIEaiEFAkAgAEEBcQ0AIABBA3FFDQEgASABKAIAIgBrIgFB1NUAKAIASQ0BIAAgBGohBAJAAkBB2NUAKAIAIAFHBEAgAEH/AU0EQCAAQQN2IQMgASgCCCIAIAEoAgwiAkYEQEHE1QBBxNUAKAIAQX4gA3dxNgIADAULIAIgADYCCCAAIAI2AgwMBAsgASgCGCEGIAEgASgCDCIARwRAIAAgASgCCCICNgIIIAIgADYCDAwDCyABQRRqIgMoAgAiAkUEQCABKAIQIgJFDQIgAUEQaiEDCwNAIAMhByACIgBBFGoiAygCACICDQAgAEEQaiEDIAAoAhAiAg0ACyAHQQA2AgAMAgsgBSgCBCIAQQNxQQNHDQIgBSAAQX5xNgIEQczVACAENgIAIAUgBDYCACABIARBAXI2AgQMAwtBACEACyAGRQ0AAkAgASgCHCICQQJ0QfTXAGoiAygCACABRgRAIAMgADYCACAADQFByNUAQcjVACgCAEF+IAJ3cTYCAAwCCyAGQRBBFCAGKAIQIAFGG2ogADYCACAARQ0BCyAAIAY2AhggASgCECICBEAgACACNgIQIAIgADYCGAsgAUEUaigCACICRQ0AIABBFGogAjYCACACIAA2AhgLIAEgBU8NACAFKAIEIgBBAXFFDQACQAJAAkACQCAAQQJxRQRAQdzVACgCACAFRgRAQdzVACABNgIAQdDVAEHQ1QAoAgAgBGoiADYCACABIABBAXI2AgQgAUHY1QAoAgBHDQZBzNUAQQA2AgBB2NUAQQA2AgAMBgtB2NUAKAIAIAVGBEBB2NUAIAE2AgBBzNUAQczVACgCACAEaiIANgIAIAEgAEEBcjYCBCAAIAFqIAA2AgAMBgsgAEF4cSAEaiEEIABB/wFNBEAgAEEDdiEDIAUoAggiACAFKAIMIgJGBEBBxNUAQcTVACgCAEF+IAN3cTYCAAwFCyACIAA2AgggACACNgIMDAQLIAUoAhghBiAFIAUoAgwiAEcEQEHU1QAoAgAaIAAgBSgCCCICNgIIIAIgADYCDAwDCyAFQRRqIgMoAgAiAkUEQCAFKAIQIgJFDQIgBUEQaiEDCwNAIAMhByACIgBBFGoiAygCACICDQAgAEEQaiEDIAAoAhAiAg0ACyAHQQA2AgAMAgsgBSAAQX5xNgIEIAEgBGogBDYCACABIARBAXI2AgQMAwtBACEACyAGRQ0AAkAgBSgCHCICQQJ0QfTXAGoiAygCACAFRgRAIAMgADYCACAADQFByNUAQcjVACgCAEF+IAJ3cTYCAAwCCyAGQRBBFCAGKAIQIAVGG2ogADYCACAARQ0BCyAAIAY2AhggBSgCECICBEAgACACNgIQIAIgADYCGAsgBUEUaigCACICRQ0AIABBFGogAjYCACACIAA2AhgLIAEgBGogBDYCACABIARBAXI2AgQgAUHY1QAoAgBHDQBBzNUAIAQ2AgAMAQsgBEH/AU0EQCAEQXhxQezVAGohAAJ/QcTVACgCACICQQEgBEEDdnQiA3FFBEBBxNUAIAIgA3I2AgAgAAwBCyAAKAIICyICIAE2AgwgACABNgIIIAEgADYCDCABIAI2AggMAQtBHyECIARB////B00EQCAEQSYgBEEIdmciAGt2QQFxIABBAXRrQT5qIQILIAEgAjYCHCABQgA3AhAgAkECdEH01wBqIQACQEHI1QAoAgAiA0EBIAJ0IgdxRQRAIAAgATYCAEHI1QAgAyAHcjYCACABIAA2AhggASABNgIIIAEgATYCDAwBCyAEQRkgAkEBdmtBACACQR9HG3QhAiAAKAIAIQACQANAIAAiAygCBEF4cSAERg0BIAJBHXYhACACQQF0IQIgAyAAQQRxakEQaiIHKAIAIgANAAsgByABNgIAIAEgAzYCGCABIAE2AgwgASABNgIIDAELIAMoAggiACABNgIMIAMgATYCCCABQQA2AhggASADNgIMIAEgADYCCAtB5NUAQeTVACgCAEEBayIAQX8gABs2AgALCwcAIAAtACgLBwAgAC0AKgsHACAALQArCwcAIAAtACkLBwAgAC8BNAsHACAALQAwC0ABBH8gACgCGCEBIAAvAS4hAiAALQAoIQMgACgCOCEEIAAQOCAAIAQ2AjggACADOgAoIAAgAjsBLiAAIAE2AhgL5YUCAgd/A34gASACaiEEAkAgACIDKAIMIgANACADKAIEBEAgAyABNgIECyMAQRBrIgkkAAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAn8CQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkAgAygCHCICQQJrDvwBAfkBAgMEBQYHCAkKCwwNDg8QERL4ARP3ARQV9gEWF/UBGBkaGxwdHh8g/QH7ASH0ASIjJCUmJygpKivzASwtLi8wMTLyAfEBMzTwAe8BNTY3ODk6Ozw9Pj9AQUJDREVGR0hJSktMTU5P+gFQUVJT7gHtAVTsAVXrAVZXWFla6gFbXF1eX2BhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ent8fX5/gAGBAYIBgwGEAYUBhgGHAYgBiQGKAYsBjAGNAY4BjwGQAZEBkgGTAZQBlQGWAZcBmAGZAZoBmwGcAZ0BngGfAaABoQGiAaMBpAGlAaYBpwGoAakBqgGrAawBrQGuAa8BsAGxAbIBswG0AbUBtgG3AbgBuQG6AbsBvAG9Ab4BvwHAAcEBwgHDAcQBxQHGAccByAHJAcoBywHMAc0BzgHpAegBzwHnAdAB5gHRAdIB0wHUAeUB1QHWAdcB2AHZAdoB2wHcAd0B3gHfAeAB4QHiAeMBAPwBC0EADOMBC0EODOIBC0ENDOEBC0EPDOABC0EQDN8BC0ETDN4BC0EUDN0BC0EVDNwBC0EWDNsBC0EXDNoBC0EYDNkBC0EZDNgBC0EaDNcBC0EbDNYBC0EcDNUBC0EdDNQBC0EeDNMBC0EfDNIBC0EgDNEBC0EhDNABC0EIDM8BC0EiDM4BC0EkDM0BC0EjDMwBC0EHDMsBC0ElDMoBC0EmDMkBC0EnDMgBC0EoDMcBC0ESDMYBC0ERDMUBC0EpDMQBC0EqDMMBC0ErDMIBC0EsDMEBC0HeAQzAAQtBLgy/AQtBLwy+AQtBMAy9AQtBMQy8AQtBMgy7AQtBMwy6AQtBNAy5AQtB3wEMuAELQTUMtwELQTkMtgELQQwMtQELQTYMtAELQTcMswELQTgMsgELQT4MsQELQToMsAELQeABDK8BC0ELDK4BC0E/DK0BC0E7DKwBC0EKDKsBC0E8DKoBC0E9DKkBC0HhAQyoAQtBwQAMpwELQcAADKYBC0HCAAylAQtBCQykAQtBLQyjAQtBwwAMogELQcQADKEBC0HFAAygAQtBxgAMnwELQccADJ4BC0HIAAydAQtByQAMnAELQcoADJsBC0HLAAyaAQtBzAAMmQELQc0ADJgBC0HOAAyXAQtBzwAMlgELQdAADJUBC0HRAAyUAQtB0gAMkwELQdMADJIBC0HVAAyRAQtB1AAMkAELQdYADI8BC0HXAAyOAQtB2AAMjQELQdkADIwBC0HaAAyLAQtB2wAMigELQdwADIkBC0HdAAyIAQtB3gAMhwELQd8ADIYBC0HgAAyFAQtB4QAMhAELQeIADIMBC0HjAAyCAQtB5AAMgQELQeUADIABC0HiAQx/C0HmAAx+C0HnAAx9C0EGDHwLQegADHsLQQUMegtB6QAMeQtBBAx4C0HqAAx3C0HrAAx2C0HsAAx1C0HtAAx0C0EDDHMLQe4ADHILQe8ADHELQfAADHALQfIADG8LQfEADG4LQfMADG0LQfQADGwLQfUADGsLQfYADGoLQQIMaQtB9wAMaAtB+AAMZwtB+QAMZgtB+gAMZQtB+wAMZAtB/AAMYwtB/QAMYgtB/gAMYQtB/wAMYAtBgAEMXwtBgQEMXgtBggEMXQtBgwEMXAtBhAEMWwtBhQEMWgtBhgEMWQtBhwEMWAtBiAEMVwtBiQEMVgtBigEMVQtBiwEMVAtBjAEMUwtBjQEMUgtBjgEMUQtBjwEMUAtBkAEMTwtBkQEMTgtBkgEMTQtBkwEMTAtBlAEMSwtBlQEMSgtBlgEMSQtBlwEMSAtBmAEMRwtBmQEMRgtBmgEMRQtBmwEMRAtBnAEMQwtBnQEMQgtBngEMQQtBnwEMQAtBoAEMPwtBoQEMPgtBogEMPQtBowEMPAtBpAEMOwtBpQEMOgtBpgEMOQtBpwEMOAtBqAEMNwtBqQEMNgtBqgEMNQtBqwEMNAtBrAEMMwtBrQEMMgtBrgEMMQtBrwEMMAtBsAEMLwtBsQEMLgtBsgEMLQtBswEMLAtBtAEMKwtBtQEMKgtBtgEMKQtBtwEMKAtBuAEMJwtBuQEMJgtBugEMJQtBuwEMJAtBvAEMIwtBvQEMIgtBvgEMIQtBvwEMIAtBwAEMHwtBwQEMHgtBwgEMHQtBAQwcC0HDAQwbC0HEAQwaC0HFAQwZC0HGAQwYC0HHAQwXC0HIAQwWC0HJAQwVC0HKAQwUC0HLAQwTC0HMAQwSC0HNAQwRC0HOAQwQC0HPAQwPC0HQAQwOC0HRAQwNC0HSAQwMC0HTAQwLC0HUAQwKC0HVAQwJC0HWAQwIC0HjAQwHC0HXAQwGC0HYAQwFC0HZAQwEC0HaAQwDC0HbAQwCC0HdAQwBC0HcAQshAgNAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQCADAn8CQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAn8CQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAn8CQAJAAkACQAJAAkACQAJ/AkACQAJAAn8CQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAIAMCfwJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACfwJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkAgAg7jAQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEjJCUnKCmeA5sDmgORA4oDgwOAA/0C+wL4AvIC8QLvAu0C6ALnAuYC5QLkAtwC2wLaAtkC2ALXAtYC1QLPAs4CzALLAsoCyQLIAscCxgLEAsMCvgK8AroCuQK4ArcCtgK1ArQCswKyArECsAKuAq0CqQKoAqcCpgKlAqQCowKiAqECoAKfApgCkAKMAosCigKBAv4B/QH8AfsB+gH5AfgB9wH1AfMB8AHrAekB6AHnAeYB5QHkAeMB4gHhAeAB3wHeAd0B3AHaAdkB2AHXAdYB1QHUAdMB0gHRAdABzwHOAc0BzAHLAcoByQHIAccBxgHFAcQBwwHCAcEBwAG/Ab4BvQG8AbsBugG5AbgBtwG2AbUBtAGzAbIBsQGwAa8BrgGtAawBqwGqAakBqAGnAaYBpQGkAaMBogGfAZ4BmQGYAZcBlgGVAZQBkwGSAZEBkAGPAY0BjAGHAYYBhQGEAYMBggF9fHt6eXZ1dFBRUlNUVQsgASAERw1yQf0BIQIMvgMLIAEgBEcNmAFB2wEhAgy9AwsgASAERw3xAUGOASECDLwDCyABIARHDfwBQYQBIQIMuwMLIAEgBEcNigJB/wAhAgy6AwsgASAERw2RAkH9ACECDLkDCyABIARHDZQCQfsAIQIMuAMLIAEgBEcNHkEeIQIMtwMLIAEgBEcNGUEYIQIMtgMLIAEgBEcNygJBzQAhAgy1AwsgASAERw3VAkHGACECDLQDCyABIARHDdYCQcMAIQIMswMLIAEgBEcN3AJBOCECDLIDCyADLQAwQQFGDa0DDIkDC0EAIQACQAJAAkAgAy0AKkUNACADLQArRQ0AIAMvATIiAkECcUUNAQwCCyADLwEyIgJBAXFFDQELQQEhACADLQAoQQFGDQAgAy8BNCIGQeQAa0HkAEkNACAGQcwBRg0AIAZBsAJGDQAgAkHAAHENAEEAIQAgAkGIBHFBgARGDQAgAkEocUEARyEACyADQQA7ATIgA0EAOgAxAkAgAEUEQCADQQA6ADEgAy0ALkEEcQ0BDLEDCyADQgA3AyALIANBADoAMSADQQE6ADYMSAtBACEAAkAgAygCOCICRQ0AIAIoAjAiAkUNACADIAIRAAAhAAsgAEUNSCAAQRVHDWIgA0EENgIcIAMgATYCFCADQdIbNgIQIANBFTYCDEEAIQIMrwMLIAEgBEYEQEEGIQIMrwMLIAEtAABBCkcNGSABQQFqIQEMGgsgA0IANwMgQRIhAgyUAwsgASAERw2KA0EjIQIMrAMLIAEgBEYEQEEHIQIMrAMLAkACQCABLQAAQQprDgQBGBgAGAsgAUEBaiEBQRAhAgyTAwsgAUEBaiEBIANBL2otAABBAXENF0EAIQIgA0EANgIcIAMgATYCFCADQZkgNgIQIANBGTYCDAyrAwsgAyADKQMgIgwgBCABa60iCn0iC0IAIAsgDFgbNwMgIAogDFoNGEEIIQIMqgMLIAEgBEcEQCADQQk2AgggAyABNgIEQRQhAgyRAwtBCSECDKkDCyADKQMgUA2uAgxDCyABIARGBEBBCyECDKgDCyABLQAAQQpHDRYgAUEBaiEBDBcLIANBL2otAABBAXFFDRkMJgtBACEAAkAgAygCOCICRQ0AIAIoAlAiAkUNACADIAIRAAAhAAsgAA0ZDEILQQAhAAJAIAMoAjgiAkUNACACKAJQIgJFDQAgAyACEQAAIQALIAANGgwkC0EAIQACQCADKAI4IgJFDQAgAigCUCICRQ0AIAMgAhEAACEACyAADRsMMgsgA0Evai0AAEEBcUUNHAwiC0EAIQACQCADKAI4IgJFDQAgAigCVCICRQ0AIAMgAhEAACEACyAADRwMQgtBACEAAkAgAygCOCICRQ0AIAIoAlQiAkUNACADIAIRAAAhAAsgAA0dDCALIAEgBEYEQEETIQIMoAMLAkAgAS0AACIAQQprDgQfIyMAIgsgAUEBaiEBDB8LQQAhAAJAIAMoAjgiAkUNACACKAJUIgJFDQAgAyACEQAAIQALIAANIgxCCyABIARGBEBBFiECDJ4DCyABLQAAQcDBAGotAABBAUcNIwyDAwsCQANAIAEtAABBsDtqLQAAIgBBAUcEQAJAIABBAmsOAgMAJwsgAUEBaiEBQSEhAgyGAwsgBCABQQFqIgFHDQALQRghAgydAwsgAygCBCEAQQAhAiADQQA2AgQgAyAAIAFBAWoiARA0IgANIQxBC0EAIQACQCADKAI4IgJFDQAgAigCVCICRQ0AIAMgAhEAACEACyAADSMMKgsgASAERgRAQRwhAgybAwsgA0EKNgIIIAMgATYCBEEAIQACQCADKAI4IgJFDQAgAigCUCICRQ0AIAMgAhEAACEACyAADSVBJCECDIEDCyABIARHBEADQCABLQAAQbA9ai0AACIAQQNHBEAgAEEBaw4FGBomggMlJgsgBCABQQFqIgFHDQALQRshAgyaAwtBGyECDJkDCwNAIAEtAABBsD9qLQAAIgBBA0cEQCAAQQFrDgUPEScTJicLIAQgAUEBaiIBRw0AC0EeIQIMmAMLIAEgBEcEQCADQQs2AgggAyABNgIEQQchAgz/AgtBHyECDJcDCyABIARGBEBBICECDJcDCwJAIAEtAABBDWsOFC4/Pz8/Pz8/Pz8/Pz8/Pz8/Pz8APwtBACECIANBADYCHCADQb8LNgIQIANBAjYCDCADIAFBAWo2AhQMlgMLIANBL2ohAgNAIAEgBEYEQEEhIQIMlwMLAkACQAJAIAEtAAAiAEEJaw4YAgApKQEpKSkpKSkpKSkpKSkpKSkpKSkCJwsgAUEBaiEBIANBL2otAABBAXFFDQoMGAsgAUEBaiEBDBcLIAFBAWohASACLQAAQQJxDQALQQAhAiADQQA2AhwgAyABNgIUIANBnxU2AhAgA0EMNgIMDJUDCyADLQAuQYABcUUNAQtBACEAAkAgAygCOCICRQ0AIAIoAlwiAkUNACADIAIRAAAhAAsgAEUN5gIgAEEVRgRAIANBJDYCHCADIAE2AhQgA0GbGzYCECADQRU2AgxBACECDJQDC0EAIQIgA0EANgIcIAMgATYCFCADQZAONgIQIANBFDYCDAyTAwtBACECIANBADYCHCADIAE2AhQgA0G+IDYCECADQQI2AgwMkgMLIAMoAgQhAEEAIQIgA0EANgIEIAMgACABIAynaiIBEDIiAEUNKyADQQc2AhwgAyABNgIUIAMgADYCDAyRAwsgAy0ALkHAAHFFDQELQQAhAAJAIAMoAjgiAkUNACACKAJYIgJFDQAgAyACEQAAIQALIABFDSsgAEEVRgRAIANBCjYCHCADIAE2AhQgA0HrGTYCECADQRU2AgxBACECDJADC0EAIQIgA0EANgIcIAMgATYCFCADQZMMNgIQIANBEzYCDAyPAwtBACECIANBADYCHCADIAE2AhQgA0GCFTYCECADQQI2AgwMjgMLQQAhAiADQQA2AhwgAyABNgIUIANB3RQ2AhAgA0EZNgIMDI0DC0EAIQIgA0EANgIcIAMgATYCFCADQeYdNgIQIANBGTYCDAyMAwsgAEEVRg09QQAhAiADQQA2AhwgAyABNgIUIANB0A82AhAgA0EiNgIMDIsDCyADKAIEIQBBACECIANBADYCBCADIAAgARAzIgBFDSggA0ENNgIcIAMgATYCFCADIAA2AgwMigMLIABBFUYNOkEAIQIgA0EANgIcIAMgATYCFCADQdAPNgIQIANBIjYCDAyJAwsgAygCBCEAQQAhAiADQQA2AgQgAyAAIAEQMyIARQRAIAFBAWohAQwoCyADQQ42AhwgAyAANgIMIAMgAUEBajYCFAyIAwsgAEEVRg03QQAhAiADQQA2AhwgAyABNgIUIANB0A82AhAgA0EiNgIMDIcDCyADKAIEIQBBACECIANBADYCBCADIAAgARAzIgBFBEAgAUEBaiEBDCcLIANBDzYCHCADIAA2AgwgAyABQQFqNgIUDIYDC0EAIQIgA0EANgIcIAMgATYCFCADQeIXNgIQIANBGTYCDAyFAwsgAEEVRg0zQQAhAiADQQA2AhwgAyABNgIUIANB1gw2AhAgA0EjNgIMDIQDCyADKAIEIQBBACECIANBADYCBCADIAAgARA0IgBFDSUgA0ERNgIcIAMgATYCFCADIAA2AgwMgwMLIABBFUYNMEEAIQIgA0EANgIcIAMgATYCFCADQdYMNgIQIANBIzYCDAyCAwsgAygCBCEAQQAhAiADQQA2AgQgAyAAIAEQNCIARQRAIAFBAWohAQwlCyADQRI2AhwgAyAANgIMIAMgAUEBajYCFAyBAwsgA0Evai0AAEEBcUUNAQtBFyECDOYCC0EAIQIgA0EANgIcIAMgATYCFCADQeIXNgIQIANBGTYCDAz+AgsgAEE7Rw0AIAFBAWohAQwMC0EAIQIgA0EANgIcIAMgATYCFCADQZIYNgIQIANBAjYCDAz8AgsgAEEVRg0oQQAhAiADQQA2AhwgAyABNgIUIANB1gw2AhAgA0EjNgIMDPsCCyADQRQ2AhwgAyABNgIUIAMgADYCDAz6AgsgAygCBCEAQQAhAiADQQA2AgQgAyAAIAEQNCIARQRAIAFBAWohAQz1AgsgA0EVNgIcIAMgADYCDCADIAFBAWo2AhQM+QILIAMoAgQhAEEAIQIgA0EANgIEIAMgACABEDQiAEUEQCABQQFqIQEM8wILIANBFzYCHCADIAA2AgwgAyABQQFqNgIUDPgCCyAAQRVGDSNBACECIANBADYCHCADIAE2AhQgA0HWDDYCECADQSM2AgwM9wILIAMoAgQhAEEAIQIgA0EANgIEIAMgACABEDQiAEUEQCABQQFqIQEMHQsgA0EZNgIcIAMgADYCDCADIAFBAWo2AhQM9gILIAMoAgQhAEEAIQIgA0EANgIEIAMgACABEDQiAEUEQCABQQFqIQEM7wILIANBGjYCHCADIAA2AgwgAyABQQFqNgIUDPUCCyAAQRVGDR9BACECIANBADYCHCADIAE2AhQgA0HQDzYCECADQSI2AgwM9AILIAMoAgQhACADQQA2AgQgAyAAIAEQMyIARQRAIAFBAWohAQwbCyADQRw2AhwgAyAANgIMIAMgAUEBajYCFEEAIQIM8wILIAMoAgQhACADQQA2AgQgAyAAIAEQMyIARQRAIAFBAWohAQzrAgsgA0EdNgIcIAMgADYCDCADIAFBAWo2AhRBACECDPICCyAAQTtHDQEgAUEBaiEBC0EmIQIM1wILQQAhAiADQQA2AhwgAyABNgIUIANBnxU2AhAgA0EMNgIMDO8CCyABIARHBEADQCABLQAAQSBHDYQCIAQgAUEBaiIBRw0AC0EsIQIM7wILQSwhAgzuAgsgASAERgRAQTQhAgzuAgsCQAJAA0ACQCABLQAAQQprDgQCAAADAAsgBCABQQFqIgFHDQALQTQhAgzvAgsgAygCBCEAIANBADYCBCADIAAgARAxIgBFDZ8CIANBMjYCHCADIAE2AhQgAyAANgIMQQAhAgzuAgsgAygCBCEAIANBADYCBCADIAAgARAxIgBFBEAgAUEBaiEBDJ8CCyADQTI2AhwgAyAANgIMIAMgAUEBajYCFEEAIQIM7QILIAEgBEcEQAJAA0AgAS0AAEEwayIAQf8BcUEKTwRAQTohAgzXAgsgAykDICILQpmz5syZs+bMGVYNASADIAtCCn4iCjcDICAKIACtQv8BgyILQn+FVg0BIAMgCiALfDcDICAEIAFBAWoiAUcNAAtBwAAhAgzuAgsgAygCBCEAIANBADYCBCADIAAgAUEBaiIBEDEiAA0XDOICC0HAACECDOwCCyABIARGBEBByQAhAgzsAgsCQANAAkAgAS0AAEEJaw4YAAKiAqICqQKiAqICogKiAqICogKiAqICogKiAqICogKiAqICogKiAqICogIAogILIAQgAUEBaiIBRw0AC0HJACECDOwCCyABQQFqIQEgA0Evai0AAEEBcQ2lAiADQQA2AhwgAyABNgIUIANBlxA2AhAgA0EKNgIMQQAhAgzrAgsgASAERwRAA0AgAS0AAEEgRw0VIAQgAUEBaiIBRw0AC0H4ACECDOsCC0H4ACECDOoCCyADQQI6ACgMOAtBACECIANBADYCHCADQb8LNgIQIANBAjYCDCADIAFBAWo2AhQM6AILQQAhAgzOAgtBDSECDM0CC0ETIQIMzAILQRUhAgzLAgtBFiECDMoCC0EYIQIMyQILQRkhAgzIAgtBGiECDMcCC0EbIQIMxgILQRwhAgzFAgtBHSECDMQCC0EeIQIMwwILQR8hAgzCAgtBICECDMECC0EiIQIMwAILQSMhAgy/AgtBJSECDL4CC0HlACECDL0CCyADQT02AhwgAyABNgIUIAMgADYCDEEAIQIM1QILIANBGzYCHCADIAE2AhQgA0GkHDYCECADQRU2AgxBACECDNQCCyADQSA2AhwgAyABNgIUIANBmBo2AhAgA0EVNgIMQQAhAgzTAgsgA0ETNgIcIAMgATYCFCADQZgaNgIQIANBFTYCDEEAIQIM0gILIANBCzYCHCADIAE2AhQgA0GYGjYCECADQRU2AgxBACECDNECCyADQRA2AhwgAyABNgIUIANBmBo2AhAgA0EVNgIMQQAhAgzQAgsgA0EgNgIcIAMgATYCFCADQaQcNgIQIANBFTYCDEEAIQIMzwILIANBCzYCHCADIAE2AhQgA0GkHDYCECADQRU2AgxBACECDM4CCyADQQw2AhwgAyABNgIUIANBpBw2AhAgA0EVNgIMQQAhAgzNAgtBACECIANBADYCHCADIAE2AhQgA0HdDjYCECADQRI2AgwMzAILAkADQAJAIAEtAABBCmsOBAACAgACCyAEIAFBAWoiAUcNAAtB/QEhAgzMAgsCQAJAIAMtADZBAUcNAEEAIQACQCADKAI4IgJFDQAgAigCYCICRQ0AIAMgAhEAACEACyAARQ0AIABBFUcNASADQfwBNgIcIAMgATYCFCADQdwZNgIQIANBFTYCDEEAIQIMzQILQdwBIQIMswILIANBADYCHCADIAE2AhQgA0H5CzYCECADQR82AgxBACECDMsCCwJAAkAgAy0AKEEBaw4CBAEAC0HbASECDLICC0HUASECDLECCyADQQI6ADFBACEAAkAgAygCOCICRQ0AIAIoAgAiAkUNACADIAIRAAAhAAsgAEUEQEHdASECDLECCyAAQRVHBEAgA0EANgIcIAMgATYCFCADQbQMNgIQIANBEDYCDEEAIQIMygILIANB+wE2AhwgAyABNgIUIANBgRo2AhAgA0EVNgIMQQAhAgzJAgsgASAERgRAQfoBIQIMyQILIAEtAABByABGDQEgA0EBOgAoC0HAASECDK4CC0HaASECDK0CCyABIARHBEAgA0EMNgIIIAMgATYCBEHZASECDK0CC0H5ASECDMUCCyABIARGBEBB+AEhAgzFAgsgAS0AAEHIAEcNBCABQQFqIQFB2AEhAgyrAgsgASAERgRAQfcBIQIMxAILAkACQCABLQAAQcUAaw4QAAUFBQUFBQUFBQUFBQUFAQULIAFBAWohAUHWASECDKsCCyABQQFqIQFB1wEhAgyqAgtB9gEhAiABIARGDcICIAMoAgAiACAEIAFraiEFIAEgAGtBAmohBgJAA0AgAS0AACAAQbrVAGotAABHDQMgAEECRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADMMCCyADKAIEIQAgA0IANwMAIAMgACAGQQFqIgEQLiIARQRAQeMBIQIMqgILIANB9QE2AhwgAyABNgIUIAMgADYCDEEAIQIMwgILQfQBIQIgASAERg3BAiADKAIAIgAgBCABa2ohBSABIABrQQFqIQYCQANAIAEtAAAgAEG41QBqLQAARw0CIABBAUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzCAgsgA0GBBDsBKCADKAIEIQAgA0IANwMAIAMgACAGQQFqIgEQLiIADQMMAgsgA0EANgIAC0EAIQIgA0EANgIcIAMgATYCFCADQeUfNgIQIANBCDYCDAy/AgtB1QEhAgylAgsgA0HzATYCHCADIAE2AhQgAyAANgIMQQAhAgy9AgtBACEAAkAgAygCOCICRQ0AIAIoAkAiAkUNACADIAIRAAAhAAsgAEUNbiAAQRVHBEAgA0EANgIcIAMgATYCFCADQYIPNgIQIANBIDYCDEEAIQIMvQILIANBjwE2AhwgAyABNgIUIANB7Bs2AhAgA0EVNgIMQQAhAgy8AgsgASAERwRAIANBDTYCCCADIAE2AgRB0wEhAgyjAgtB8gEhAgy7AgsgASAERgRAQfEBIQIMuwILAkACQAJAIAEtAABByABrDgsAAQgICAgICAgIAggLIAFBAWohAUHQASECDKMCCyABQQFqIQFB0QEhAgyiAgsgAUEBaiEBQdIBIQIMoQILQfABIQIgASAERg25AiADKAIAIgAgBCABa2ohBiABIABrQQJqIQUDQCABLQAAIABBtdUAai0AAEcNBCAAQQJGDQMgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAY2AgAMuQILQe8BIQIgASAERg24AiADKAIAIgAgBCABa2ohBiABIABrQQFqIQUDQCABLQAAIABBs9UAai0AAEcNAyAAQQFGDQIgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAY2AgAMuAILQe4BIQIgASAERg23AiADKAIAIgAgBCABa2ohBiABIABrQQJqIQUDQCABLQAAIABBsNUAai0AAEcNAiAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAY2AgAMtwILIAMoAgQhACADQgA3AwAgAyAAIAVBAWoiARArIgBFDQIgA0HsATYCHCADIAE2AhQgAyAANgIMQQAhAgy2AgsgA0EANgIACyADKAIEIQAgA0EANgIEIAMgACABECsiAEUNnAIgA0HtATYCHCADIAE2AhQgAyAANgIMQQAhAgy0AgtBzwEhAgyaAgtBACEAAkAgAygCOCICRQ0AIAIoAjQiAkUNACADIAIRAAAhAAsCQCAABEAgAEEVRg0BIANBADYCHCADIAE2AhQgA0HqDTYCECADQSY2AgxBACECDLQCC0HOASECDJoCCyADQesBNgIcIAMgATYCFCADQYAbNgIQIANBFTYCDEEAIQIMsgILIAEgBEYEQEHrASECDLICCyABLQAAQS9GBEAgAUEBaiEBDAELIANBADYCHCADIAE2AhQgA0GyODYCECADQQg2AgxBACECDLECC0HNASECDJcCCyABIARHBEAgA0EONgIIIAMgATYCBEHMASECDJcCC0HqASECDK8CCyABIARGBEBB6QEhAgyvAgsgAS0AAEEwayIAQf8BcUEKSQRAIAMgADoAKiABQQFqIQFBywEhAgyWAgsgAygCBCEAIANBADYCBCADIAAgARAvIgBFDZcCIANB6AE2AhwgAyABNgIUIAMgADYCDEEAIQIMrgILIAEgBEYEQEHnASECDK4CCwJAIAEtAABBLkYEQCABQQFqIQEMAQsgAygCBCEAIANBADYCBCADIAAgARAvIgBFDZgCIANB5gE2AhwgAyABNgIUIAMgADYCDEEAIQIMrgILQcoBIQIMlAILIAEgBEYEQEHlASECDK0CC0EAIQBBASEFQQEhB0EAIQICQAJAAkACQAJAAn8CQAJAAkACQAJAAkACQCABLQAAQTBrDgoKCQABAgMEBQYICwtBAgwGC0EDDAULQQQMBAtBBQwDC0EGDAILQQcMAQtBCAshAkEAIQVBACEHDAILQQkhAkEBIQBBACEFQQAhBwwBC0EAIQVBASECCyADIAI6ACsgAUEBaiEBAkACQCADLQAuQRBxDQACQAJAAkAgAy0AKg4DAQACBAsgB0UNAwwCCyAADQEMAgsgBUUNAQsgAygCBCEAIANBADYCBCADIAAgARAvIgBFDQIgA0HiATYCHCADIAE2AhQgAyAANgIMQQAhAgyvAgsgAygCBCEAIANBADYCBCADIAAgARAvIgBFDZoCIANB4wE2AhwgAyABNgIUIAMgADYCDEEAIQIMrgILIAMoAgQhACADQQA2AgQgAyAAIAEQLyIARQ2YAiADQeQBNgIcIAMgATYCFCADIAA2AgwMrQILQckBIQIMkwILQQAhAAJAIAMoAjgiAkUNACACKAJEIgJFDQAgAyACEQAAIQALAkAgAARAIABBFUYNASADQQA2AhwgAyABNgIUIANBpA02AhAgA0EhNgIMQQAhAgytAgtByAEhAgyTAgsgA0HhATYCHCADIAE2AhQgA0HQGjYCECADQRU2AgxBACECDKsCCyABIARGBEBB4QEhAgyrAgsCQCABLQAAQSBGBEAgA0EAOwE0IAFBAWohAQwBCyADQQA2AhwgAyABNgIUIANBmRE2AhAgA0EJNgIMQQAhAgyrAgtBxwEhAgyRAgsgASAERgRAQeABIQIMqgILAkAgAS0AAEEwa0H/AXEiAkEKSQRAIAFBAWohAQJAIAMvATQiAEGZM0sNACADIABBCmwiADsBNCAAQf7/A3EgAkH//wNzSw0AIAMgACACajsBNAwCC0EAIQIgA0EANgIcIAMgATYCFCADQZUeNgIQIANBDTYCDAyrAgsgA0EANgIcIAMgATYCFCADQZUeNgIQIANBDTYCDEEAIQIMqgILQcYBIQIMkAILIAEgBEYEQEHfASECDKkCCwJAIAEtAABBMGtB/wFxIgJBCkkEQCABQQFqIQECQCADLwE0IgBBmTNLDQAgAyAAQQpsIgA7ATQgAEH+/wNxIAJB//8Dc0sNACADIAAgAmo7ATQMAgtBACECIANBADYCHCADIAE2AhQgA0GVHjYCECADQQ02AgwMqgILIANBADYCHCADIAE2AhQgA0GVHjYCECADQQ02AgxBACECDKkCC0HFASECDI8CCyABIARGBEBB3gEhAgyoAgsCQCABLQAAQTBrQf8BcSICQQpJBEAgAUEBaiEBAkAgAy8BNCIAQZkzSw0AIAMgAEEKbCIAOwE0IABB/v8DcSACQf//A3NLDQAgAyAAIAJqOwE0DAILQQAhAiADQQA2AhwgAyABNgIUIANBlR42AhAgA0ENNgIMDKkCCyADQQA2AhwgAyABNgIUIANBlR42AhAgA0ENNgIMQQAhAgyoAgtBxAEhAgyOAgsgASAERgRAQd0BIQIMpwILAkACQAJAAkAgAS0AAEEKaw4XAgMDAAMDAwMDAwMDAwMDAwMDAwMDAwEDCyABQQFqDAULIAFBAWohAUHDASECDI8CCyABQQFqIQEgA0Evai0AAEEBcQ0IIANBADYCHCADIAE2AhQgA0GNCzYCECADQQ02AgxBACECDKcCCyADQQA2AhwgAyABNgIUIANBjQs2AhAgA0ENNgIMQQAhAgymAgsgASAERwRAIANBDzYCCCADIAE2AgRBASECDI0CC0HcASECDKUCCwJAAkADQAJAIAEtAABBCmsOBAIAAAMACyAEIAFBAWoiAUcNAAtB2wEhAgymAgsgAygCBCEAIANBADYCBCADIAAgARAtIgBFBEAgAUEBaiEBDAQLIANB2gE2AhwgAyAANgIMIAMgAUEBajYCFEEAIQIMpQILIAMoAgQhACADQQA2AgQgAyAAIAEQLSIADQEgAUEBagshAUHBASECDIoCCyADQdkBNgIcIAMgADYCDCADIAFBAWo2AhRBACECDKICC0HCASECDIgCCyADQS9qLQAAQQFxDQEgA0EANgIcIAMgATYCFCADQeQcNgIQIANBGTYCDEEAIQIMoAILIAEgBEYEQEHZASECDKACCwJAAkACQCABLQAAQQprDgQBAgIAAgsgAUEBaiEBDAILIAFBAWohAQwBCyADLQAuQcAAcUUNAQtBACEAAkAgAygCOCICRQ0AIAIoAjwiAkUNACADIAIRAAAhAAsgAEUNoAEgAEEVRgRAIANB2QA2AhwgAyABNgIUIANBtxo2AhAgA0EVNgIMQQAhAgyfAgsgA0EANgIcIAMgATYCFCADQYANNgIQIANBGzYCDEEAIQIMngILIANBADYCHCADIAE2AhQgA0HcKDYCECADQQI2AgxBACECDJ0CCyABIARHBEAgA0EMNgIIIAMgATYCBEG/ASECDIQCC0HYASECDJwCCyABIARGBEBB1wEhAgycAgsCQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAIAEtAABBwQBrDhUAAQIDWgQFBlpaWgcICQoLDA0ODxBaCyABQQFqIQFB+wAhAgySAgsgAUEBaiEBQfwAIQIMkQILIAFBAWohAUGBASECDJACCyABQQFqIQFBhQEhAgyPAgsgAUEBaiEBQYYBIQIMjgILIAFBAWohAUGJASECDI0CCyABQQFqIQFBigEhAgyMAgsgAUEBaiEBQY0BIQIMiwILIAFBAWohAUGWASECDIoCCyABQQFqIQFBlwEhAgyJAgsgAUEBaiEBQZgBIQIMiAILIAFBAWohAUGlASECDIcCCyABQQFqIQFBpgEhAgyGAgsgAUEBaiEBQawBIQIMhQILIAFBAWohAUG0ASECDIQCCyABQQFqIQFBtwEhAgyDAgsgAUEBaiEBQb4BIQIMggILIAEgBEYEQEHWASECDJsCCyABLQAAQc4ARw1IIAFBAWohAUG9ASECDIECCyABIARGBEBB1QEhAgyaAgsCQAJAAkAgAS0AAEHCAGsOEgBKSkpKSkpKSkoBSkpKSkpKAkoLIAFBAWohAUG4ASECDIICCyABQQFqIQFBuwEhAgyBAgsgAUEBaiEBQbwBIQIMgAILQdQBIQIgASAERg2YAiADKAIAIgAgBCABa2ohBSABIABrQQdqIQYCQANAIAEtAAAgAEGo1QBqLQAARw1FIABBB0YNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAyZAgsgA0EANgIAIAZBAWohAUEbDEULIAEgBEYEQEHTASECDJgCCwJAAkAgAS0AAEHJAGsOBwBHR0dHRwFHCyABQQFqIQFBuQEhAgz/AQsgAUEBaiEBQboBIQIM/gELQdIBIQIgASAERg2WAiADKAIAIgAgBCABa2ohBSABIABrQQFqIQYCQANAIAEtAAAgAEGm1QBqLQAARw1DIABBAUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAyXAgsgA0EANgIAIAZBAWohAUEPDEMLQdEBIQIgASAERg2VAiADKAIAIgAgBCABa2ohBSABIABrQQFqIQYCQANAIAEtAAAgAEGk1QBqLQAARw1CIABBAUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAyWAgsgA0EANgIAIAZBAWohAUEgDEILQdABIQIgASAERg2UAiADKAIAIgAgBCABa2ohBSABIABrQQJqIQYCQANAIAEtAAAgAEGh1QBqLQAARw1BIABBAkYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAyVAgsgA0EANgIAIAZBAWohAUESDEELIAEgBEYEQEHPASECDJQCCwJAAkAgAS0AAEHFAGsODgBDQ0NDQ0NDQ0NDQ0MBQwsgAUEBaiEBQbUBIQIM+wELIAFBAWohAUG2ASECDPoBC0HOASECIAEgBEYNkgIgAygCACIAIAQgAWtqIQUgASAAa0ECaiEGAkADQCABLQAAIABBntUAai0AAEcNPyAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMkwILIANBADYCACAGQQFqIQFBBww/C0HNASECIAEgBEYNkQIgAygCACIAIAQgAWtqIQUgASAAa0EFaiEGAkADQCABLQAAIABBmNUAai0AAEcNPiAAQQVGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMkgILIANBADYCACAGQQFqIQFBKAw+CyABIARGBEBBzAEhAgyRAgsCQAJAAkAgAS0AAEHFAGsOEQBBQUFBQUFBQUEBQUFBQUECQQsgAUEBaiEBQbEBIQIM+QELIAFBAWohAUGyASECDPgBCyABQQFqIQFBswEhAgz3AQtBywEhAiABIARGDY8CIAMoAgAiACAEIAFraiEFIAEgAGtBBmohBgJAA0AgAS0AACAAQZHVAGotAABHDTwgAEEGRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADJACCyADQQA2AgAgBkEBaiEBQRoMPAtBygEhAiABIARGDY4CIAMoAgAiACAEIAFraiEFIAEgAGtBA2ohBgJAA0AgAS0AACAAQY3VAGotAABHDTsgAEEDRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADI8CCyADQQA2AgAgBkEBaiEBQSEMOwsgASAERgRAQckBIQIMjgILAkACQCABLQAAQcEAaw4UAD09PT09PT09PT09PT09PT09PQE9CyABQQFqIQFBrQEhAgz1AQsgAUEBaiEBQbABIQIM9AELIAEgBEYEQEHIASECDI0CCwJAAkAgAS0AAEHVAGsOCwA8PDw8PDw8PDwBPAsgAUEBaiEBQa4BIQIM9AELIAFBAWohAUGvASECDPMBC0HHASECIAEgBEYNiwIgAygCACIAIAQgAWtqIQUgASAAa0EIaiEGAkADQCABLQAAIABBhNUAai0AAEcNOCAAQQhGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMjAILIANBADYCACAGQQFqIQFBKgw4CyABIARGBEBBxgEhAgyLAgsgAS0AAEHQAEcNOCABQQFqIQFBJQw3C0HFASECIAEgBEYNiQIgAygCACIAIAQgAWtqIQUgASAAa0ECaiEGAkADQCABLQAAIABBgdUAai0AAEcNNiAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMigILIANBADYCACAGQQFqIQFBDgw2CyABIARGBEBBxAEhAgyJAgsgAS0AAEHFAEcNNiABQQFqIQFBqwEhAgzvAQsgASAERgRAQcMBIQIMiAILAkACQAJAAkAgAS0AAEHCAGsODwABAjk5OTk5OTk5OTk5AzkLIAFBAWohAUGnASECDPEBCyABQQFqIQFBqAEhAgzwAQsgAUEBaiEBQakBIQIM7wELIAFBAWohAUGqASECDO4BC0HCASECIAEgBEYNhgIgAygCACIAIAQgAWtqIQUgASAAa0ECaiEGAkADQCABLQAAIABB/tQAai0AAEcNMyAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMhwILIANBADYCACAGQQFqIQFBFAwzC0HBASECIAEgBEYNhQIgAygCACIAIAQgAWtqIQUgASAAa0EEaiEGAkADQCABLQAAIABB+dQAai0AAEcNMiAAQQRGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMhgILIANBADYCACAGQQFqIQFBKwwyC0HAASECIAEgBEYNhAIgAygCACIAIAQgAWtqIQUgASAAa0ECaiEGAkADQCABLQAAIABB9tQAai0AAEcNMSAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMhQILIANBADYCACAGQQFqIQFBLAwxC0G/ASECIAEgBEYNgwIgAygCACIAIAQgAWtqIQUgASAAa0ECaiEGAkADQCABLQAAIABBodUAai0AAEcNMCAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMhAILIANBADYCACAGQQFqIQFBEQwwC0G+ASECIAEgBEYNggIgAygCACIAIAQgAWtqIQUgASAAa0EDaiEGAkADQCABLQAAIABB8tQAai0AAEcNLyAAQQNGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMgwILIANBADYCACAGQQFqIQFBLgwvCyABIARGBEBBvQEhAgyCAgsCQAJAAkACQAJAIAEtAABBwQBrDhUANDQ0NDQ0NDQ0NAE0NAI0NAM0NAQ0CyABQQFqIQFBmwEhAgzsAQsgAUEBaiEBQZwBIQIM6wELIAFBAWohAUGdASECDOoBCyABQQFqIQFBogEhAgzpAQsgAUEBaiEBQaQBIQIM6AELIAEgBEYEQEG8ASECDIECCwJAAkAgAS0AAEHSAGsOAwAwATALIAFBAWohAUGjASECDOgBCyABQQFqIQFBBAwtC0G7ASECIAEgBEYN/wEgAygCACIAIAQgAWtqIQUgASAAa0EBaiEGAkADQCABLQAAIABB8NQAai0AAEcNLCAAQQFGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMgAILIANBADYCACAGQQFqIQFBHQwsCyABIARGBEBBugEhAgz/AQsCQAJAIAEtAABByQBrDgcBLi4uLi4ALgsgAUEBaiEBQaEBIQIM5gELIAFBAWohAUEiDCsLIAEgBEYEQEG5ASECDP4BCyABLQAAQdAARw0rIAFBAWohAUGgASECDOQBCyABIARGBEBBuAEhAgz9AQsCQAJAIAEtAABBxgBrDgsALCwsLCwsLCwsASwLIAFBAWohAUGeASECDOQBCyABQQFqIQFBnwEhAgzjAQtBtwEhAiABIARGDfsBIAMoAgAiACAEIAFraiEFIAEgAGtBA2ohBgJAA0AgAS0AACAAQezUAGotAABHDSggAEEDRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADPwBCyADQQA2AgAgBkEBaiEBQQ0MKAtBtgEhAiABIARGDfoBIAMoAgAiACAEIAFraiEFIAEgAGtBAmohBgJAA0AgAS0AACAAQaHVAGotAABHDScgAEECRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADPsBCyADQQA2AgAgBkEBaiEBQQwMJwtBtQEhAiABIARGDfkBIAMoAgAiACAEIAFraiEFIAEgAGtBAWohBgJAA0AgAS0AACAAQerUAGotAABHDSYgAEEBRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADPoBCyADQQA2AgAgBkEBaiEBQQMMJgtBtAEhAiABIARGDfgBIAMoAgAiACAEIAFraiEFIAEgAGtBAWohBgJAA0AgAS0AACAAQejUAGotAABHDSUgAEEBRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADPkBCyADQQA2AgAgBkEBaiEBQSYMJQsgASAERgRAQbMBIQIM+AELAkACQCABLQAAQdQAaw4CAAEnCyABQQFqIQFBmQEhAgzfAQsgAUEBaiEBQZoBIQIM3gELQbIBIQIgASAERg32ASADKAIAIgAgBCABa2ohBSABIABrQQFqIQYCQANAIAEtAAAgAEHm1ABqLQAARw0jIABBAUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAz3AQsgA0EANgIAIAZBAWohAUEnDCMLQbEBIQIgASAERg31ASADKAIAIgAgBCABa2ohBSABIABrQQFqIQYCQANAIAEtAAAgAEHk1ABqLQAARw0iIABBAUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAz2AQsgA0EANgIAIAZBAWohAUEcDCILQbABIQIgASAERg30ASADKAIAIgAgBCABa2ohBSABIABrQQVqIQYCQANAIAEtAAAgAEHe1ABqLQAARw0hIABBBUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAz1AQsgA0EANgIAIAZBAWohAUEGDCELQa8BIQIgASAERg3zASADKAIAIgAgBCABa2ohBSABIABrQQRqIQYCQANAIAEtAAAgAEHZ1ABqLQAARw0gIABBBEYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAz0AQsgA0EANgIAIAZBAWohAUEZDCALIAEgBEYEQEGuASECDPMBCwJAAkACQAJAIAEtAABBLWsOIwAkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJAEkJCQkJAIkJCQDJAsgAUEBaiEBQY4BIQIM3AELIAFBAWohAUGPASECDNsBCyABQQFqIQFBlAEhAgzaAQsgAUEBaiEBQZUBIQIM2QELQa0BIQIgASAERg3xASADKAIAIgAgBCABa2ohBSABIABrQQFqIQYCQANAIAEtAAAgAEHX1ABqLQAARw0eIABBAUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzyAQsgA0EANgIAIAZBAWohAUELDB4LIAEgBEYEQEGsASECDPEBCwJAAkAgAS0AAEHBAGsOAwAgASALIAFBAWohAUGQASECDNgBCyABQQFqIQFBkwEhAgzXAQsgASAERgRAQasBIQIM8AELAkACQCABLQAAQcEAaw4PAB8fHx8fHx8fHx8fHx8BHwsgAUEBaiEBQZEBIQIM1wELIAFBAWohAUGSASECDNYBCyABIARGBEBBqgEhAgzvAQsgAS0AAEHMAEcNHCABQQFqIQFBCgwbC0GpASECIAEgBEYN7QEgAygCACIAIAQgAWtqIQUgASAAa0EFaiEGAkADQCABLQAAIABB0dQAai0AAEcNGiAAQQVGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM7gELIANBADYCACAGQQFqIQFBHgwaC0GoASECIAEgBEYN7AEgAygCACIAIAQgAWtqIQUgASAAa0EGaiEGAkADQCABLQAAIABBytQAai0AAEcNGSAAQQZGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM7QELIANBADYCACAGQQFqIQFBFQwZC0GnASECIAEgBEYN6wEgAygCACIAIAQgAWtqIQUgASAAa0ECaiEGAkADQCABLQAAIABBx9QAai0AAEcNGCAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM7AELIANBADYCACAGQQFqIQFBFwwYC0GmASECIAEgBEYN6gEgAygCACIAIAQgAWtqIQUgASAAa0EFaiEGAkADQCABLQAAIABBwdQAai0AAEcNFyAAQQVGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM6wELIANBADYCACAGQQFqIQFBGAwXCyABIARGBEBBpQEhAgzqAQsCQAJAIAEtAABByQBrDgcAGRkZGRkBGQsgAUEBaiEBQYsBIQIM0QELIAFBAWohAUGMASECDNABC0GkASECIAEgBEYN6AEgAygCACIAIAQgAWtqIQUgASAAa0EBaiEGAkADQCABLQAAIABBptUAai0AAEcNFSAAQQFGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM6QELIANBADYCACAGQQFqIQFBCQwVC0GjASECIAEgBEYN5wEgAygCACIAIAQgAWtqIQUgASAAa0EBaiEGAkADQCABLQAAIABBpNUAai0AAEcNFCAAQQFGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM6AELIANBADYCACAGQQFqIQFBHwwUC0GiASECIAEgBEYN5gEgAygCACIAIAQgAWtqIQUgASAAa0ECaiEGAkADQCABLQAAIABBvtQAai0AAEcNEyAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM5wELIANBADYCACAGQQFqIQFBAgwTC0GhASECIAEgBEYN5QEgAygCACIAIAQgAWtqIQUgASAAa0EBaiEGA0AgAS0AACAAQbzUAGotAABHDREgAEEBRg0CIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADOUBCyABIARGBEBBoAEhAgzlAQtBASABLQAAQd8ARw0RGiABQQFqIQFBhwEhAgzLAQsgA0EANgIAIAZBAWohAUGIASECDMoBC0GfASECIAEgBEYN4gEgAygCACIAIAQgAWtqIQUgASAAa0EIaiEGAkADQCABLQAAIABBhNUAai0AAEcNDyAAQQhGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM4wELIANBADYCACAGQQFqIQFBKQwPC0GeASECIAEgBEYN4QEgAygCACIAIAQgAWtqIQUgASAAa0EDaiEGAkADQCABLQAAIABBuNQAai0AAEcNDiAAQQNGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM4gELIANBADYCACAGQQFqIQFBLQwOCyABIARGBEBBnQEhAgzhAQsgAS0AAEHFAEcNDiABQQFqIQFBhAEhAgzHAQsgASAERgRAQZwBIQIM4AELAkACQCABLQAAQcwAaw4IAA8PDw8PDwEPCyABQQFqIQFBggEhAgzHAQsgAUEBaiEBQYMBIQIMxgELQZsBIQIgASAERg3eASADKAIAIgAgBCABa2ohBSABIABrQQRqIQYCQANAIAEtAAAgAEGz1ABqLQAARw0LIABBBEYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzfAQsgA0EANgIAIAZBAWohAUEjDAsLQZoBIQIgASAERg3dASADKAIAIgAgBCABa2ohBSABIABrQQJqIQYCQANAIAEtAAAgAEGw1ABqLQAARw0KIABBAkYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzeAQsgA0EANgIAIAZBAWohAUEADAoLIAEgBEYEQEGZASECDN0BCwJAAkAgAS0AAEHIAGsOCAAMDAwMDAwBDAsgAUEBaiEBQf0AIQIMxAELIAFBAWohAUGAASECDMMBCyABIARGBEBBmAEhAgzcAQsCQAJAIAEtAABBzgBrDgMACwELCyABQQFqIQFB/gAhAgzDAQsgAUEBaiEBQf8AIQIMwgELIAEgBEYEQEGXASECDNsBCyABLQAAQdkARw0IIAFBAWohAUEIDAcLQZYBIQIgASAERg3ZASADKAIAIgAgBCABa2ohBSABIABrQQNqIQYCQANAIAEtAAAgAEGs1ABqLQAARw0GIABBA0YNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzaAQsgA0EANgIAIAZBAWohAUEFDAYLQZUBIQIgASAERg3YASADKAIAIgAgBCABa2ohBSABIABrQQVqIQYCQANAIAEtAAAgAEGm1ABqLQAARw0FIABBBUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzZAQsgA0EANgIAIAZBAWohAUEWDAULQZQBIQIgASAERg3XASADKAIAIgAgBCABa2ohBSABIABrQQJqIQYCQANAIAEtAAAgAEGh1QBqLQAARw0EIABBAkYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzYAQsgA0EANgIAIAZBAWohAUEQDAQLIAEgBEYEQEGTASECDNcBCwJAAkAgAS0AAEHDAGsODAAGBgYGBgYGBgYGAQYLIAFBAWohAUH5ACECDL4BCyABQQFqIQFB+gAhAgy9AQtBkgEhAiABIARGDdUBIAMoAgAiACAEIAFraiEFIAEgAGtBBWohBgJAA0AgAS0AACAAQaDUAGotAABHDQIgAEEFRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADNYBCyADQQA2AgAgBkEBaiEBQSQMAgsgA0EANgIADAILIAEgBEYEQEGRASECDNQBCyABLQAAQcwARw0BIAFBAWohAUETCzoAKSADKAIEIQAgA0EANgIEIAMgACABEC4iAA0CDAELQQAhAiADQQA2AhwgAyABNgIUIANB/h82AhAgA0EGNgIMDNEBC0H4ACECDLcBCyADQZABNgIcIAMgATYCFCADIAA2AgxBACECDM8BC0EAIQACQCADKAI4IgJFDQAgAigCQCICRQ0AIAMgAhEAACEACyAARQ0AIABBFUYNASADQQA2AhwgAyABNgIUIANBgg82AhAgA0EgNgIMQQAhAgzOAQtB9wAhAgy0AQsgA0GPATYCHCADIAE2AhQgA0HsGzYCECADQRU2AgxBACECDMwBCyABIARGBEBBjwEhAgzMAQsCQCABLQAAQSBGBEAgAUEBaiEBDAELIANBADYCHCADIAE2AhQgA0GbHzYCECADQQY2AgxBACECDMwBC0ECIQIMsgELA0AgAS0AAEEgRw0CIAQgAUEBaiIBRw0AC0GOASECDMoBCyABIARGBEBBjQEhAgzKAQsCQCABLQAAQQlrDgRKAABKAAtB9QAhAgywAQsgAy0AKUEFRgRAQfYAIQIMsAELQfQAIQIMrwELIAEgBEYEQEGMASECDMgBCyADQRA2AgggAyABNgIEDAoLIAEgBEYEQEGLASECDMcBCwJAIAEtAABBCWsOBEcAAEcAC0HzACECDK0BCyABIARHBEAgA0EQNgIIIAMgATYCBEHxACECDK0BC0GKASECDMUBCwJAIAEgBEcEQANAIAEtAABBoNAAai0AACIAQQNHBEACQCAAQQFrDgJJAAQLQfAAIQIMrwELIAQgAUEBaiIBRw0AC0GIASECDMYBC0GIASECDMUBCyADQQA2AhwgAyABNgIUIANB2yA2AhAgA0EHNgIMQQAhAgzEAQsgASAERgRAQYkBIQIMxAELAkACQAJAIAEtAABBoNIAai0AAEEBaw4DRgIAAQtB8gAhAgysAQsgA0EANgIcIAMgATYCFCADQbQSNgIQIANBBzYCDEEAIQIMxAELQeoAIQIMqgELIAEgBEcEQCABQQFqIQFB7wAhAgyqAQtBhwEhAgzCAQsgBCABIgBGBEBBhgEhAgzCAQsgAC0AACIBQS9GBEAgAEEBaiEBQe4AIQIMqQELIAFBCWsiAkEXSw0BIAAhAUEBIAJ0QZuAgARxDUEMAQsgBCABIgBGBEBBhQEhAgzBAQsgAC0AAEEvRw0AIABBAWohAQwDC0EAIQIgA0EANgIcIAMgADYCFCADQdsgNgIQIANBBzYCDAy/AQsCQAJAAkACQAJAA0AgAS0AAEGgzgBqLQAAIgBBBUcEQAJAAkAgAEEBaw4IRwUGBwgABAEIC0HrACECDK0BCyABQQFqIQFB7QAhAgysAQsgBCABQQFqIgFHDQALQYQBIQIMwwELIAFBAWoMFAsgAygCBCEAIANBADYCBCADIAAgARAsIgBFDR4gA0HbADYCHCADIAE2AhQgAyAANgIMQQAhAgzBAQsgAygCBCEAIANBADYCBCADIAAgARAsIgBFDR4gA0HdADYCHCADIAE2AhQgAyAANgIMQQAhAgzAAQsgAygCBCEAIANBADYCBCADIAAgARAsIgBFDR4gA0H6ADYCHCADIAE2AhQgAyAANgIMQQAhAgy/AQsgA0EANgIcIAMgATYCFCADQfkPNgIQIANBBzYCDEEAIQIMvgELIAEgBEYEQEGDASECDL4BCwJAIAEtAABBoM4Aai0AAEEBaw4IPgQFBgAIAgMHCyABQQFqIQELQQMhAgyjAQsgAUEBagwNC0EAIQIgA0EANgIcIANB0RI2AhAgA0EHNgIMIAMgAUEBajYCFAy6AQsgAygCBCEAIANBADYCBCADIAAgARAsIgBFDRYgA0HbADYCHCADIAE2AhQgAyAANgIMQQAhAgy5AQsgAygCBCEAIANBADYCBCADIAAgARAsIgBFDRYgA0HdADYCHCADIAE2AhQgAyAANgIMQQAhAgy4AQsgAygCBCEAIANBADYCBCADIAAgARAsIgBFDRYgA0H6ADYCHCADIAE2AhQgAyAANgIMQQAhAgy3AQsgA0EANgIcIAMgATYCFCADQfkPNgIQIANBBzYCDEEAIQIMtgELQewAIQIMnAELIAEgBEYEQEGCASECDLUBCyABQQFqDAILIAEgBEYEQEGBASECDLQBCyABQQFqDAELIAEgBEYNASABQQFqCyEBQQQhAgyYAQtBgAEhAgywAQsDQCABLQAAQaDMAGotAAAiAEECRwRAIABBAUcEQEHpACECDJkBCwwxCyAEIAFBAWoiAUcNAAtB/wAhAgyvAQsgASAERgRAQf4AIQIMrwELAkAgAS0AAEEJaw43LwMGLwQGBgYGBgYGBgYGBgYGBgYGBgYFBgYCBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGAAYLIAFBAWoLIQFBBSECDJQBCyABQQFqDAYLIAMoAgQhACADQQA2AgQgAyAAIAEQLCIARQ0IIANB2wA2AhwgAyABNgIUIAMgADYCDEEAIQIMqwELIAMoAgQhACADQQA2AgQgAyAAIAEQLCIARQ0IIANB3QA2AhwgAyABNgIUIAMgADYCDEEAIQIMqgELIAMoAgQhACADQQA2AgQgAyAAIAEQLCIARQ0IIANB+gA2AhwgAyABNgIUIAMgADYCDEEAIQIMqQELIANBADYCHCADIAE2AhQgA0GNFDYCECADQQc2AgxBACECDKgBCwJAAkACQAJAA0AgAS0AAEGgygBqLQAAIgBBBUcEQAJAIABBAWsOBi4DBAUGAAYLQegAIQIMlAELIAQgAUEBaiIBRw0AC0H9ACECDKsBCyADKAIEIQAgA0EANgIEIAMgACABECwiAEUNByADQdsANgIcIAMgATYCFCADIAA2AgxBACECDKoBCyADKAIEIQAgA0EANgIEIAMgACABECwiAEUNByADQd0ANgIcIAMgATYCFCADIAA2AgxBACECDKkBCyADKAIEIQAgA0EANgIEIAMgACABECwiAEUNByADQfoANgIcIAMgATYCFCADIAA2AgxBACECDKgBCyADQQA2AhwgAyABNgIUIANB5Ag2AhAgA0EHNgIMQQAhAgynAQsgASAERg0BIAFBAWoLIQFBBiECDIwBC0H8ACECDKQBCwJAAkACQAJAA0AgAS0AAEGgyABqLQAAIgBBBUcEQCAAQQFrDgQpAgMEBQsgBCABQQFqIgFHDQALQfsAIQIMpwELIAMoAgQhACADQQA2AgQgAyAAIAEQLCIARQ0DIANB2wA2AhwgAyABNgIUIAMgADYCDEEAIQIMpgELIAMoAgQhACADQQA2AgQgAyAAIAEQLCIARQ0DIANB3QA2AhwgAyABNgIUIAMgADYCDEEAIQIMpQELIAMoAgQhACADQQA2AgQgAyAAIAEQLCIARQ0DIANB+gA2AhwgAyABNgIUIAMgADYCDEEAIQIMpAELIANBADYCHCADIAE2AhQgA0G8CjYCECADQQc2AgxBACECDKMBC0HPACECDIkBC0HRACECDIgBC0HnACECDIcBCyABIARGBEBB+gAhAgygAQsCQCABLQAAQQlrDgQgAAAgAAsgAUEBaiEBQeYAIQIMhgELIAEgBEYEQEH5ACECDJ8BCwJAIAEtAABBCWsOBB8AAB8AC0EAIQACQCADKAI4IgJFDQAgAigCOCICRQ0AIAMgAhEAACEACyAARQRAQeIBIQIMhgELIABBFUcEQCADQQA2AhwgAyABNgIUIANByQ02AhAgA0EaNgIMQQAhAgyfAQsgA0H4ADYCHCADIAE2AhQgA0HqGjYCECADQRU2AgxBACECDJ4BCyABIARHBEAgA0ENNgIIIAMgATYCBEHkACECDIUBC0H3ACECDJ0BCyABIARGBEBB9gAhAgydAQsCQAJAAkAgAS0AAEHIAGsOCwABCwsLCwsLCwsCCwsgAUEBaiEBQd0AIQIMhQELIAFBAWohAUHgACECDIQBCyABQQFqIQFB4wAhAgyDAQtB9QAhAiABIARGDZsBIAMoAgAiACAEIAFraiEFIAEgAGtBAmohBgJAA0AgAS0AACAAQbXVAGotAABHDQggAEECRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADJwBCyADKAIEIQAgA0IANwMAIAMgACAGQQFqIgEQKyIABEAgA0H0ADYCHCADIAE2AhQgAyAANgIMQQAhAgycAQtB4gAhAgyCAQtBACEAAkAgAygCOCICRQ0AIAIoAjQiAkUNACADIAIRAAAhAAsCQCAABEAgAEEVRg0BIANBADYCHCADIAE2AhQgA0HqDTYCECADQSY2AgxBACECDJwBC0HhACECDIIBCyADQfMANgIcIAMgATYCFCADQYAbNgIQIANBFTYCDEEAIQIMmgELIAMtACkiAEEja0ELSQ0JAkAgAEEGSw0AQQEgAHRBygBxRQ0ADAoLQQAhAiADQQA2AhwgAyABNgIUIANB7Qk2AhAgA0EINgIMDJkBC0HyACECIAEgBEYNmAEgAygCACIAIAQgAWtqIQUgASAAa0EBaiEGAkADQCABLQAAIABBs9UAai0AAEcNBSAAQQFGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMmQELIAMoAgQhACADQgA3AwAgAyAAIAZBAWoiARArIgAEQCADQfEANgIcIAMgATYCFCADIAA2AgxBACECDJkBC0HfACECDH8LQQAhAAJAIAMoAjgiAkUNACACKAI0IgJFDQAgAyACEQAAIQALAkAgAARAIABBFUYNASADQQA2AhwgAyABNgIUIANB6g02AhAgA0EmNgIMQQAhAgyZAQtB3gAhAgx/CyADQfAANgIcIAMgATYCFCADQYAbNgIQIANBFTYCDEEAIQIMlwELIAMtAClBIUYNBiADQQA2AhwgAyABNgIUIANBkQo2AhAgA0EINgIMQQAhAgyWAQtB7wAhAiABIARGDZUBIAMoAgAiACAEIAFraiEFIAEgAGtBAmohBgJAA0AgAS0AACAAQbDVAGotAABHDQIgAEECRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADJYBCyADKAIEIQAgA0IANwMAIAMgACAGQQFqIgEQKyIARQ0CIANB7QA2AhwgAyABNgIUIAMgADYCDEEAIQIMlQELIANBADYCAAsgAygCBCEAIANBADYCBCADIAAgARArIgBFDYABIANB7gA2AhwgAyABNgIUIAMgADYCDEEAIQIMkwELQdwAIQIMeQtBACEAAkAgAygCOCICRQ0AIAIoAjQiAkUNACADIAIRAAAhAAsCQCAABEAgAEEVRg0BIANBADYCHCADIAE2AhQgA0HqDTYCECADQSY2AgxBACECDJMBC0HbACECDHkLIANB7AA2AhwgAyABNgIUIANBgBs2AhAgA0EVNgIMQQAhAgyRAQsgAy0AKSIAQSNJDQAgAEEuRg0AIANBADYCHCADIAE2AhQgA0HJCTYCECADQQg2AgxBACECDJABC0HaACECDHYLIAEgBEYEQEHrACECDI8BCwJAIAEtAABBL0YEQCABQQFqIQEMAQsgA0EANgIcIAMgATYCFCADQbI4NgIQIANBCDYCDEEAIQIMjwELQdkAIQIMdQsgASAERwRAIANBDjYCCCADIAE2AgRB2AAhAgx1C0HqACECDI0BCyABIARGBEBB6QAhAgyNAQsgAS0AAEEwayIAQf8BcUEKSQRAIAMgADoAKiABQQFqIQFB1wAhAgx0CyADKAIEIQAgA0EANgIEIAMgACABEC8iAEUNeiADQegANgIcIAMgATYCFCADIAA2AgxBACECDIwBCyABIARGBEBB5wAhAgyMAQsCQCABLQAAQS5GBEAgAUEBaiEBDAELIAMoAgQhACADQQA2AgQgAyAAIAEQLyIARQ17IANB5gA2AhwgAyABNgIUIAMgADYCDEEAIQIMjAELQdYAIQIMcgsgASAERgRAQeUAIQIMiwELQQAhAEEBIQVBASEHQQAhAgJAAkACQAJAAkACfwJAAkACQAJAAkACQAJAIAEtAABBMGsOCgoJAAECAwQFBggLC0ECDAYLQQMMBQtBBAwEC0EFDAMLQQYMAgtBBwwBC0EICyECQQAhBUEAIQcMAgtBCSECQQEhAEEAIQVBACEHDAELQQAhBUEBIQILIAMgAjoAKyABQQFqIQECQAJAIAMtAC5BEHENAAJAAkACQCADLQAqDgMBAAIECyAHRQ0DDAILIAANAQwCCyAFRQ0BCyADKAIEIQAgA0EANgIEIAMgACABEC8iAEUNAiADQeIANgIcIAMgATYCFCADIAA2AgxBACECDI0BCyADKAIEIQAgA0EANgIEIAMgACABEC8iAEUNfSADQeMANgIcIAMgATYCFCADIAA2AgxBACECDIwBCyADKAIEIQAgA0EANgIEIAMgACABEC8iAEUNeyADQeQANgIcIAMgATYCFCADIAA2AgwMiwELQdQAIQIMcQsgAy0AKUEiRg2GAUHTACECDHALQQAhAAJAIAMoAjgiAkUNACACKAJEIgJFDQAgAyACEQAAIQALIABFBEBB1QAhAgxwCyAAQRVHBEAgA0EANgIcIAMgATYCFCADQaQNNgIQIANBITYCDEEAIQIMiQELIANB4QA2AhwgAyABNgIUIANB0Bo2AhAgA0EVNgIMQQAhAgyIAQsgASAERgRAQeAAIQIMiAELAkACQAJAAkACQCABLQAAQQprDgQBBAQABAsgAUEBaiEBDAELIAFBAWohASADQS9qLQAAQQFxRQ0BC0HSACECDHALIANBADYCHCADIAE2AhQgA0G2ETYCECADQQk2AgxBACECDIgBCyADQQA2AhwgAyABNgIUIANBthE2AhAgA0EJNgIMQQAhAgyHAQsgASAERgRAQd8AIQIMhwELIAEtAABBCkYEQCABQQFqIQEMCQsgAy0ALkHAAHENCCADQQA2AhwgAyABNgIUIANBthE2AhAgA0ECNgIMQQAhAgyGAQsgASAERgRAQd0AIQIMhgELIAEtAAAiAkENRgRAIAFBAWohAUHQACECDG0LIAEhACACQQlrDgQFAQEFAQsgBCABIgBGBEBB3AAhAgyFAQsgAC0AAEEKRw0AIABBAWoMAgtBACECIANBADYCHCADIAA2AhQgA0HKLTYCECADQQc2AgwMgwELIAEgBEYEQEHbACECDIMBCwJAIAEtAABBCWsOBAMAAAMACyABQQFqCyEBQc4AIQIMaAsgASAERgRAQdoAIQIMgQELIAEtAABBCWsOBAABAQABC0EAIQIgA0EANgIcIANBmhI2AhAgA0EHNgIMIAMgAUEBajYCFAx/CyADQYASOwEqQQAhAAJAIAMoAjgiAkUNACACKAI4IgJFDQAgAyACEQAAIQALIABFDQAgAEEVRw0BIANB2QA2AhwgAyABNgIUIANB6ho2AhAgA0EVNgIMQQAhAgx+C0HNACECDGQLIANBADYCHCADIAE2AhQgA0HJDTYCECADQRo2AgxBACECDHwLIAEgBEYEQEHZACECDHwLIAEtAABBIEcNPSABQQFqIQEgAy0ALkEBcQ09IANBADYCHCADIAE2AhQgA0HCHDYCECADQR42AgxBACECDHsLIAEgBEYEQEHYACECDHsLAkACQAJAAkACQCABLQAAIgBBCmsOBAIDAwABCyABQQFqIQFBLCECDGULIABBOkcNASADQQA2AhwgAyABNgIUIANB5xE2AhAgA0EKNgIMQQAhAgx9CyABQQFqIQEgA0Evai0AAEEBcUUNcyADLQAyQYABcUUEQCADQTJqIQIgAxA1QQAhAAJAIAMoAjgiBkUNACAGKAIoIgZFDQAgAyAGEQAAIQALAkACQCAADhZNTEsBAQEBAQEBAQEBAQEBAQEBAQEAAQsgA0EpNgIcIAMgATYCFCADQawZNgIQIANBFTYCDEEAIQIMfgsgA0EANgIcIAMgATYCFCADQeULNgIQIANBETYCDEEAIQIMfQtBACEAAkAgAygCOCICRQ0AIAIoAlwiAkUNACADIAIRAAAhAAsgAEUNWSAAQRVHDQEgA0EFNgIcIAMgATYCFCADQZsbNgIQIANBFTYCDEEAIQIMfAtBywAhAgxiC0EAIQIgA0EANgIcIAMgATYCFCADQZAONgIQIANBFDYCDAx6CyADIAMvATJBgAFyOwEyDDsLIAEgBEcEQCADQRE2AgggAyABNgIEQcoAIQIMYAtB1wAhAgx4CyABIARGBEBB1gAhAgx4CwJAAkACQAJAIAEtAAAiAEEgciAAIABBwQBrQf8BcUEaSRtB/wFxQeMAaw4TAEBAQEBAQEBAQEBAQAFAQEACA0ALIAFBAWohAUHGACECDGELIAFBAWohAUHHACECDGALIAFBAWohAUHIACECDF8LIAFBAWohAUHJACECDF4LQdUAIQIgBCABIgBGDXYgBCABayADKAIAIgFqIQYgACABa0EFaiEHA0AgAUGQyABqLQAAIAAtAAAiBUEgciAFIAVBwQBrQf8BcUEaSRtB/wFxRw0IQQQgAUEFRg0KGiABQQFqIQEgBCAAQQFqIgBHDQALIAMgBjYCAAx2C0HUACECIAQgASIARg11IAQgAWsgAygCACIBaiEGIAAgAWtBD2ohBwNAIAFBgMgAai0AACAALQAAIgVBIHIgBSAFQcEAa0H/AXFBGkkbQf8BcUcNB0EDIAFBD0YNCRogAUEBaiEBIAQgAEEBaiIARw0ACyADIAY2AgAMdQtB0wAhAiAEIAEiAEYNdCAEIAFrIAMoAgAiAWohBiAAIAFrQQ5qIQcDQCABQeLHAGotAAAgAC0AACIFQSByIAUgBUHBAGtB/wFxQRpJG0H/AXFHDQYgAUEORg0HIAFBAWohASAEIABBAWoiAEcNAAsgAyAGNgIADHQLQdIAIQIgBCABIgBGDXMgBCABayADKAIAIgFqIQUgACABa0EBaiEGA0AgAUHgxwBqLQAAIAAtAAAiB0EgciAHIAdBwQBrQf8BcUEaSRtB/wFxRw0FIAFBAUYNAiABQQFqIQEgBCAAQQFqIgBHDQALIAMgBTYCAAxzCyABIARGBEBB0QAhAgxzCwJAAkAgAS0AACIAQSByIAAgAEHBAGtB/wFxQRpJG0H/AXFB7gBrDgcAOTk5OTkBOQsgAUEBaiEBQcMAIQIMWgsgAUEBaiEBQcQAIQIMWQsgA0EANgIAIAZBAWohAUHFACECDFgLQdAAIQIgBCABIgBGDXAgBCABayADKAIAIgFqIQYgACABa0EJaiEHA0AgAUHWxwBqLQAAIAAtAAAiBUEgciAFIAVBwQBrQf8BcUEaSRtB/wFxRw0CQQIgAUEJRg0EGiABQQFqIQEgBCAAQQFqIgBHDQALIAMgBjYCAAxwC0HPACECIAQgASIARg1vIAQgAWsgAygCACIBaiEGIAAgAWtBBWohBwNAIAFB0McAai0AACAALQAAIgVBIHIgBSAFQcEAa0H/AXFBGkkbQf8BcUcNASABQQVGDQIgAUEBaiEBIAQgAEEBaiIARw0ACyADIAY2AgAMbwsgACEBIANBADYCAAwzC0EBCzoALCADQQA2AgAgB0EBaiEBC0EtIQIMUgsCQANAIAEtAABB0MUAai0AAEEBRw0BIAQgAUEBaiIBRw0AC0HNACECDGsLQcIAIQIMUQsgASAERgRAQcwAIQIMagsgAS0AAEE6RgRAIAMoAgQhACADQQA2AgQgAyAAIAEQMCIARQ0zIANBywA2AhwgAyAANgIMIAMgAUEBajYCFEEAIQIMagsgA0EANgIcIAMgATYCFCADQecRNgIQIANBCjYCDEEAIQIMaQsCQAJAIAMtACxBAmsOAgABJwsgA0Ezai0AAEECcUUNJiADLQAuQQJxDSYgA0EANgIcIAMgATYCFCADQaYUNgIQIANBCzYCDEEAIQIMaQsgAy0AMkEgcUUNJSADLQAuQQJxDSUgA0EANgIcIAMgATYCFCADQb0TNgIQIANBDzYCDEEAIQIMaAtBACEAAkAgAygCOCICRQ0AIAIoAkgiAkUNACADIAIRAAAhAAsgAEUEQEHBACECDE8LIABBFUcEQCADQQA2AhwgAyABNgIUIANBpg82AhAgA0EcNgIMQQAhAgxoCyADQcoANgIcIAMgATYCFCADQYUcNgIQIANBFTYCDEEAIQIMZwsgASAERwRAA0AgAS0AAEHAwQBqLQAAQQFHDRcgBCABQQFqIgFHDQALQcQAIQIMZwtBxAAhAgxmCyABIARHBEADQAJAIAEtAAAiAEEgciAAIABBwQBrQf8BcUEaSRtB/wFxIgBBCUYNACAAQSBGDQACQAJAAkACQCAAQeMAaw4TAAMDAwMDAwMBAwMDAwMDAwMDAgMLIAFBAWohAUE2IQIMUgsgAUEBaiEBQTchAgxRCyABQQFqIQFBOCECDFALDBULIAQgAUEBaiIBRw0AC0E8IQIMZgtBPCECDGULIAEgBEYEQEHIACECDGULIANBEjYCCCADIAE2AgQCQAJAAkACQAJAIAMtACxBAWsOBBQAAQIJCyADLQAyQSBxDQNB4AEhAgxPCwJAIAMvATIiAEEIcUUNACADLQAoQQFHDQAgAy0ALkEIcUUNAgsgAyAAQff7A3FBgARyOwEyDAsLIAMgAy8BMkEQcjsBMgwECyADQQA2AgQgAyABIAEQMSIABEAgA0HBADYCHCADIAA2AgwgAyABQQFqNgIUQQAhAgxmCyABQQFqIQEMWAsgA0EANgIcIAMgATYCFCADQfQTNgIQIANBBDYCDEEAIQIMZAtBxwAhAiABIARGDWMgAygCACIAIAQgAWtqIQUgASAAa0EGaiEGAkADQCAAQcDFAGotAAAgAS0AAEEgckcNASAAQQZGDUogAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMZAsgA0EANgIADAULAkAgASAERwRAA0AgAS0AAEHAwwBqLQAAIgBBAUcEQCAAQQJHDQMgAUEBaiEBDAULIAQgAUEBaiIBRw0AC0HFACECDGQLQcUAIQIMYwsLIANBADoALAwBC0ELIQIMRwtBPyECDEYLAkACQANAIAEtAAAiAEEgRwRAAkAgAEEKaw4EAwUFAwALIABBLEYNAwwECyAEIAFBAWoiAUcNAAtBxgAhAgxgCyADQQg6ACwMDgsgAy0AKEEBRw0CIAMtAC5BCHENAiADKAIEIQAgA0EANgIEIAMgACABEDEiAARAIANBwgA2AhwgAyAANgIMIAMgAUEBajYCFEEAIQIMXwsgAUEBaiEBDFALQTshAgxECwJAA0AgAS0AACIAQSBHIABBCUdxDQEgBCABQQFqIgFHDQALQcMAIQIMXQsLQTwhAgxCCwJAAkAgASAERwRAA0AgAS0AACIAQSBHBEAgAEEKaw4EAwQEAwQLIAQgAUEBaiIBRw0AC0E/IQIMXQtBPyECDFwLIAMgAy8BMkEgcjsBMgwKCyADKAIEIQAgA0EANgIEIAMgACABEDEiAEUNTiADQT42AhwgAyABNgIUIAMgADYCDEEAIQIMWgsCQCABIARHBEADQCABLQAAQcDDAGotAAAiAEEBRwRAIABBAkYNAwwMCyAEIAFBAWoiAUcNAAtBNyECDFsLQTchAgxaCyABQQFqIQEMBAtBOyECIAQgASIARg1YIAQgAWsgAygCACIBaiEGIAAgAWtBBWohBwJAA0AgAUGQyABqLQAAIAAtAAAiBUEgciAFIAVBwQBrQf8BcUEaSRtB/wFxRw0BIAFBBUYEQEEHIQEMPwsgAUEBaiEBIAQgAEEBaiIARw0ACyADIAY2AgAMWQsgA0EANgIAIAAhAQwFC0E6IQIgBCABIgBGDVcgBCABayADKAIAIgFqIQYgACABa0EIaiEHAkADQCABQbTBAGotAAAgAC0AACIFQSByIAUgBUHBAGtB/wFxQRpJG0H/AXFHDQEgAUEIRgRAQQUhAQw+CyABQQFqIQEgBCAAQQFqIgBHDQALIAMgBjYCAAxYCyADQQA2AgAgACEBDAQLQTkhAiAEIAEiAEYNViAEIAFrIAMoAgAiAWohBiAAIAFrQQNqIQcCQANAIAFBsMEAai0AACAALQAAIgVBIHIgBSAFQcEAa0H/AXFBGkkbQf8BcUcNASABQQNGBEBBBiEBDD0LIAFBAWohASAEIABBAWoiAEcNAAsgAyAGNgIADFcLIANBADYCACAAIQEMAwsCQANAIAEtAAAiAEEgRwRAIABBCmsOBAcEBAcCCyAEIAFBAWoiAUcNAAtBOCECDFYLIABBLEcNASABQQFqIQBBASEBAkACQAJAAkACQCADLQAsQQVrDgQDAQIEAAsgACEBDAQLQQIhAQwBC0EEIQELIANBAToALCADIAMvATIgAXI7ATIgACEBDAELIAMgAy8BMkEIcjsBMiAAIQELQT4hAgw7CyADQQA6ACwLQTkhAgw5CyABIARGBEBBNiECDFILAkACQAJAAkACQCABLQAAQQprDgQAAgIBAgsgAygCBCEAIANBADYCBCADIAAgARAxIgBFDQIgA0EzNgIcIAMgATYCFCADIAA2AgxBACECDFULIAMoAgQhACADQQA2AgQgAyAAIAEQMSIARQRAIAFBAWohAQwGCyADQTI2AhwgAyAANgIMIAMgAUEBajYCFEEAIQIMVAsgAy0ALkEBcQRAQd8BIQIMOwsgAygCBCEAIANBADYCBCADIAAgARAxIgANAQxJC0E0IQIMOQsgA0E1NgIcIAMgATYCFCADIAA2AgxBACECDFELQTUhAgw3CyADQS9qLQAAQQFxDQAgA0EANgIcIAMgATYCFCADQesWNgIQIANBGTYCDEEAIQIMTwtBMyECDDULIAEgBEYEQEEyIQIMTgsCQCABLQAAQQpGBEAgAUEBaiEBDAELIANBADYCHCADIAE2AhQgA0GSFzYCECADQQM2AgxBACECDE4LQTIhAgw0CyABIARGBEBBMSECDE0LAkAgAS0AACIAQQlGDQAgAEEgRg0AQQEhAgJAIAMtACxBBWsOBAYEBQANCyADIAMvATJBCHI7ATIMDAsgAy0ALkEBcUUNASADLQAsQQhHDQAgA0EAOgAsC0E9IQIMMgsgA0EANgIcIAMgATYCFCADQcIWNgIQIANBCjYCDEEAIQIMSgtBAiECDAELQQQhAgsgA0EBOgAsIAMgAy8BMiACcjsBMgwGCyABIARGBEBBMCECDEcLIAEtAABBCkYEQCABQQFqIQEMAQsgAy0ALkEBcQ0AIANBADYCHCADIAE2AhQgA0HcKDYCECADQQI2AgxBACECDEYLQTAhAgwsCyABQQFqIQFBMSECDCsLIAEgBEYEQEEvIQIMRAsgAS0AACIAQQlHIABBIEdxRQRAIAFBAWohASADLQAuQQFxDQEgA0EANgIcIAMgATYCFCADQZcQNgIQIANBCjYCDEEAIQIMRAtBASECAkACQAJAAkACQAJAIAMtACxBAmsOBwUEBAMBAgAECyADIAMvATJBCHI7ATIMAwtBAiECDAELQQQhAgsgA0EBOgAsIAMgAy8BMiACcjsBMgtBLyECDCsLIANBADYCHCADIAE2AhQgA0GEEzYCECADQQs2AgxBACECDEMLQeEBIQIMKQsgASAERgRAQS4hAgxCCyADQQA2AgQgA0ESNgIIIAMgASABEDEiAA0BC0EuIQIMJwsgA0EtNgIcIAMgATYCFCADIAA2AgxBACECDD8LQQAhAAJAIAMoAjgiAkUNACACKAJMIgJFDQAgAyACEQAAIQALIABFDQAgAEEVRw0BIANB2AA2AhwgAyABNgIUIANBsxs2AhAgA0EVNgIMQQAhAgw+C0HMACECDCQLIANBADYCHCADIAE2AhQgA0GzDjYCECADQR02AgxBACECDDwLIAEgBEYEQEHOACECDDwLIAEtAAAiAEEgRg0CIABBOkYNAQsgA0EAOgAsQQkhAgwhCyADKAIEIQAgA0EANgIEIAMgACABEDAiAA0BDAILIAMtAC5BAXEEQEHeASECDCALIAMoAgQhACADQQA2AgQgAyAAIAEQMCIARQ0CIANBKjYCHCADIAA2AgwgAyABQQFqNgIUQQAhAgw4CyADQcsANgIcIAMgADYCDCADIAFBAWo2AhRBACECDDcLIAFBAWohAUHAACECDB0LIAFBAWohAQwsCyABIARGBEBBKyECDDULAkAgAS0AAEEKRgRAIAFBAWohAQwBCyADLQAuQcAAcUUNBgsgAy0AMkGAAXEEQEEAIQACQCADKAI4IgJFDQAgAigCXCICRQ0AIAMgAhEAACEACyAARQ0SIABBFUYEQCADQQU2AhwgAyABNgIUIANBmxs2AhAgA0EVNgIMQQAhAgw2CyADQQA2AhwgAyABNgIUIANBkA42AhAgA0EUNgIMQQAhAgw1CyADQTJqIQIgAxA1QQAhAAJAIAMoAjgiBkUNACAGKAIoIgZFDQAgAyAGEQAAIQALIAAOFgIBAAQEBAQEBAQEBAQEBAQEBAQEBAMECyADQQE6ADALIAIgAi8BAEHAAHI7AQALQSshAgwYCyADQSk2AhwgAyABNgIUIANBrBk2AhAgA0EVNgIMQQAhAgwwCyADQQA2AhwgAyABNgIUIANB5Qs2AhAgA0ERNgIMQQAhAgwvCyADQQA2AhwgAyABNgIUIANBpQs2AhAgA0ECNgIMQQAhAgwuC0EBIQcgAy8BMiIFQQhxRQRAIAMpAyBCAFIhBwsCQCADLQAwBEBBASEAIAMtAClBBUYNASAFQcAAcUUgB3FFDQELAkAgAy0AKCICQQJGBEBBASEAIAMvATQiBkHlAEYNAkEAIQAgBUHAAHENAiAGQeQARg0CIAZB5gBrQQJJDQIgBkHMAUYNAiAGQbACRg0CDAELQQAhACAFQcAAcQ0BC0ECIQAgBUEIcQ0AIAVBgARxBEACQCACQQFHDQAgAy0ALkEKcQ0AQQUhAAwCC0EEIQAMAQsgBUEgcUUEQCADEDZBAEdBAnQhAAwBC0EAQQMgAykDIFAbIQALIABBAWsOBQIABwEDBAtBESECDBMLIANBAToAMQwpC0EAIQICQCADKAI4IgBFDQAgACgCMCIARQ0AIAMgABEAACECCyACRQ0mIAJBFUYEQCADQQM2AhwgAyABNgIUIANB0hs2AhAgA0EVNgIMQQAhAgwrC0EAIQIgA0EANgIcIAMgATYCFCADQd0ONgIQIANBEjYCDAwqCyADQQA2AhwgAyABNgIUIANB+SA2AhAgA0EPNgIMQQAhAgwpC0EAIQACQCADKAI4IgJFDQAgAigCMCICRQ0AIAMgAhEAACEACyAADQELQQ4hAgwOCyAAQRVGBEAgA0ECNgIcIAMgATYCFCADQdIbNgIQIANBFTYCDEEAIQIMJwsgA0EANgIcIAMgATYCFCADQd0ONgIQIANBEjYCDEEAIQIMJgtBKiECDAwLIAEgBEcEQCADQQk2AgggAyABNgIEQSkhAgwMC0EmIQIMJAsgAyADKQMgIgwgBCABa60iCn0iC0IAIAsgDFgbNwMgIAogDFQEQEElIQIMJAsgAygCBCEAIANBADYCBCADIAAgASAMp2oiARAyIgBFDQAgA0EFNgIcIAMgATYCFCADIAA2AgxBACECDCMLQQ8hAgwJC0IAIQoCQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkAgAS0AAEEwaw43FxYAAQIDBAUGBxQUFBQUFBQICQoLDA0UFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFA4PEBESExQLQgIhCgwWC0IDIQoMFQtCBCEKDBQLQgUhCgwTC0IGIQoMEgtCByEKDBELQgghCgwQC0IJIQoMDwtCCiEKDA4LQgshCgwNC0IMIQoMDAtCDSEKDAsLQg4hCgwKC0IPIQoMCQtCCiEKDAgLQgshCgwHC0IMIQoMBgtCDSEKDAULQg4hCgwEC0IPIQoMAwsgA0EANgIcIAMgATYCFCADQZ8VNgIQIANBDDYCDEEAIQIMIQsgASAERgRAQSIhAgwhC0IAIQoCQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAIAEtAABBMGsONxUUAAECAwQFBgcWFhYWFhYWCAkKCwwNFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYODxAREhMWC0ICIQoMFAtCAyEKDBMLQgQhCgwSC0IFIQoMEQtCBiEKDBALQgchCgwPC0IIIQoMDgtCCSEKDA0LQgohCgwMC0ILIQoMCwtCDCEKDAoLQg0hCgwJC0IOIQoMCAtCDyEKDAcLQgohCgwGC0ILIQoMBQtCDCEKDAQLQg0hCgwDC0IOIQoMAgtCDyEKDAELQgEhCgsgAUEBaiEBIAMpAyAiC0L//////////w9YBEAgAyALQgSGIAqENwMgDAILIANBADYCHCADIAE2AhQgA0G1CTYCECADQQw2AgxBACECDB4LQSchAgwEC0EoIQIMAwsgAyABOgAsIANBADYCACAHQQFqIQFBDCECDAILIANBADYCACAGQQFqIQFBCiECDAELIAFBAWohAUEIIQIMAAsAC0EAIQIgA0EANgIcIAMgATYCFCADQbI4NgIQIANBCDYCDAwXC0EAIQIgA0EANgIcIAMgATYCFCADQYMRNgIQIANBCTYCDAwWC0EAIQIgA0EANgIcIAMgATYCFCADQd8KNgIQIANBCTYCDAwVC0EAIQIgA0EANgIcIAMgATYCFCADQe0QNgIQIANBCTYCDAwUC0EAIQIgA0EANgIcIAMgATYCFCADQdIRNgIQIANBCTYCDAwTC0EAIQIgA0EANgIcIAMgATYCFCADQbI4NgIQIANBCDYCDAwSC0EAIQIgA0EANgIcIAMgATYCFCADQYMRNgIQIANBCTYCDAwRC0EAIQIgA0EANgIcIAMgATYCFCADQd8KNgIQIANBCTYCDAwQC0EAIQIgA0EANgIcIAMgATYCFCADQe0QNgIQIANBCTYCDAwPC0EAIQIgA0EANgIcIAMgATYCFCADQdIRNgIQIANBCTYCDAwOC0EAIQIgA0EANgIcIAMgATYCFCADQbkXNgIQIANBDzYCDAwNC0EAIQIgA0EANgIcIAMgATYCFCADQbkXNgIQIANBDzYCDAwMC0EAIQIgA0EANgIcIAMgATYCFCADQZkTNgIQIANBCzYCDAwLC0EAIQIgA0EANgIcIAMgATYCFCADQZ0JNgIQIANBCzYCDAwKC0EAIQIgA0EANgIcIAMgATYCFCADQZcQNgIQIANBCjYCDAwJC0EAIQIgA0EANgIcIAMgATYCFCADQbEQNgIQIANBCjYCDAwIC0EAIQIgA0EANgIcIAMgATYCFCADQbsdNgIQIANBAjYCDAwHC0EAIQIgA0EANgIcIAMgATYCFCADQZYWNgIQIANBAjYCDAwGC0EAIQIgA0EANgIcIAMgATYCFCADQfkYNgIQIANBAjYCDAwFC0EAIQIgA0EANgIcIAMgATYCFCADQcQYNgIQIANBAjYCDAwECyADQQI2AhwgAyABNgIUIANBqR42AhAgA0EWNgIMQQAhAgwDC0HeACECIAEgBEYNAiAJQQhqIQcgAygCACEFAkACQCABIARHBEAgBUGWyABqIQggBCAFaiABayEGIAVBf3NBCmoiBSABaiEAA0AgAS0AACAILQAARwRAQQIhCAwDCyAFRQRAQQAhCCAAIQEMAwsgBUEBayEFIAhBAWohCCAEIAFBAWoiAUcNAAsgBiEFIAQhAQsgB0EBNgIAIAMgBTYCAAwBCyADQQA2AgAgByAINgIACyAHIAE2AgQgCSgCDCEAAkACQCAJKAIIQQFrDgIEAQALIANBADYCHCADQcIeNgIQIANBFzYCDCADIABBAWo2AhRBACECDAMLIANBADYCHCADIAA2AhQgA0HXHjYCECADQQk2AgxBACECDAILIAEgBEYEQEEoIQIMAgsgA0EJNgIIIAMgATYCBEEnIQIMAQsgASAERgRAQQEhAgwBCwNAAkACQAJAIAEtAABBCmsOBAABAQABCyABQQFqIQEMAQsgAUEBaiEBIAMtAC5BIHENAEEAIQIgA0EANgIcIAMgATYCFCADQaEhNgIQIANBBTYCDAwCC0EBIQIgASAERw0ACwsgCUEQaiQAIAJFBEAgAygCDCEADAELIAMgAjYCHEEAIQAgAygCBCIBRQ0AIAMgASAEIAMoAggRAQAiAUUNACADIAQ2AhQgAyABNgIMIAEhAAsgAAu+AgECfyAAQQA6AAAgAEHkAGoiAUEBa0EAOgAAIABBADoAAiAAQQA6AAEgAUEDa0EAOgAAIAFBAmtBADoAACAAQQA6AAMgAUEEa0EAOgAAQQAgAGtBA3EiASAAaiIAQQA2AgBB5AAgAWtBfHEiAiAAaiIBQQRrQQA2AgACQCACQQlJDQAgAEEANgIIIABBADYCBCABQQhrQQA2AgAgAUEMa0EANgIAIAJBGUkNACAAQQA2AhggAEEANgIUIABBADYCECAAQQA2AgwgAUEQa0EANgIAIAFBFGtBADYCACABQRhrQQA2AgAgAUEca0EANgIAIAIgAEEEcUEYciICayIBQSBJDQAgACACaiEAA0AgAEIANwMYIABCADcDECAAQgA3AwggAEIANwMAIABBIGohACABQSBrIgFBH0sNAAsLC1YBAX8CQCAAKAIMDQACQAJAAkACQCAALQAxDgMBAAMCCyAAKAI4IgFFDQAgASgCMCIBRQ0AIAAgAREAACIBDQMLQQAPCwALIABByhk2AhBBDiEBCyABCxoAIAAoAgxFBEAgAEHeHzYCECAAQRU2AgwLCxQAIAAoAgxBFUYEQCAAQQA2AgwLCxQAIAAoAgxBFkYEQCAAQQA2AgwLCwcAIAAoAgwLBwAgACgCEAsJACAAIAE2AhALBwAgACgCFAsrAAJAIABBJ08NAEL//////wkgAK2IQgGDUA0AIABBAnRB0DhqKAIADwsACxcAIABBL08EQAALIABBAnRB7DlqKAIAC78JAQF/QfQtIQECQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQCAAQeQAaw70A2NiAAFhYWFhYWECAwQFYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYQYHCAkKCwwNDg9hYWFhYRBhYWFhYWFhYWFhYRFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWESExQVFhcYGRobYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYRwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1NmE3ODk6YWFhYWFhYWE7YWFhPGFhYWE9Pj9hYWFhYWFhYUBhYUFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFCQ0RFRkdISUpLTE1OT1BRUlNhYWFhYWFhYVRVVldYWVpbYVxdYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhXmFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYV9gYQtB6iwPC0GYJg8LQe0xDwtBoDcPC0HJKQ8LQbQpDwtBli0PC0HrKw8LQaI1DwtB2zQPC0HgKQ8LQeMkDwtB1SQPC0HuJA8LQeYlDwtByjQPC0HQNw8LQao1DwtB9SwPC0H2Jg8LQYIiDwtB8jMPC0G+KA8LQec3DwtBzSEPC0HAIQ8LQbglDwtByyUPC0GWJA8LQY80DwtBzTUPC0HdKg8LQe4zDwtBnDQPC0GeMQ8LQfQ1DwtB5SIPC0GvJQ8LQZkxDwtBsjYPC0H5Ng8LQcQyDwtB3SwPC0GCMQ8LQcExDwtBjTcPC0HJJA8LQew2DwtB5yoPC0HIIw8LQeIhDwtByTcPC0GlIg8LQZQiDwtB2zYPC0HeNQ8LQYYmDwtBvCsPC0GLMg8LQaAjDwtB9jAPC0GALA8LQYkrDwtBpCYPC0HyIw8LQYEoDwtBqzIPC0HrJw8LQcI2DwtBoiQPC0HPKg8LQdwjDwtBhycPC0HkNA8LQbciDwtBrTEPC0HVIg8LQa80DwtB3iYPC0HWMg8LQfQ0DwtBgTgPC0H0Nw8LQZI2DwtBnScPC0GCKQ8LQY0jDwtB1zEPC0G9NQ8LQbQ3DwtB2DAPC0G2Jw8LQZo4DwtBpyoPC0HEJw8LQa4jDwtB9SIPCwALQcomIQELIAELFwAgACAALwEuQf7/A3EgAUEAR3I7AS4LGgAgACAALwEuQf3/A3EgAUEAR0EBdHI7AS4LGgAgACAALwEuQfv/A3EgAUEAR0ECdHI7AS4LGgAgACAALwEuQff/A3EgAUEAR0EDdHI7AS4LGgAgACAALwEuQe//A3EgAUEAR0EEdHI7AS4LGgAgACAALwEuQd//A3EgAUEAR0EFdHI7AS4LGgAgACAALwEuQb//A3EgAUEAR0EGdHI7AS4LGgAgACAALwEuQf/+A3EgAUEAR0EHdHI7AS4LGgAgACAALwEuQf/9A3EgAUEAR0EIdHI7AS4LGgAgACAALwEuQf/7A3EgAUEAR0EJdHI7AS4LPgECfwJAIAAoAjgiA0UNACADKAIEIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEHhEjYCEEEYIQQLIAQLPgECfwJAIAAoAjgiA0UNACADKAIIIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEH8ETYCEEEYIQQLIAQLPgECfwJAIAAoAjgiA0UNACADKAIMIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEHsCjYCEEEYIQQLIAQLPgECfwJAIAAoAjgiA0UNACADKAIQIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEH6HjYCEEEYIQQLIAQLPgECfwJAIAAoAjgiA0UNACADKAIUIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEHLEDYCEEEYIQQLIAQLPgECfwJAIAAoAjgiA0UNACADKAIYIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEG3HzYCEEEYIQQLIAQLPgECfwJAIAAoAjgiA0UNACADKAIcIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEG/FTYCEEEYIQQLIAQLPgECfwJAIAAoAjgiA0UNACADKAIsIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEH+CDYCEEEYIQQLIAQLPgECfwJAIAAoAjgiA0UNACADKAIgIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEGMHTYCEEEYIQQLIAQLPgECfwJAIAAoAjgiA0UNACADKAIkIgNFDQAgACABIAIgAWsgAxEBACIEQX9HDQAgAEHmFTYCEEEYIQQLIAQLOAAgAAJ/IAAvATJBFHFBFEYEQEEBIAAtAChBAUYNARogAC8BNEHlAEYMAQsgAC0AKUEFRgs6ADALWQECfwJAIAAtAChBAUYNACAALwE0IgFB5ABrQeQASQ0AIAFBzAFGDQAgAUGwAkYNACAALwEyIgBBwABxDQBBASECIABBiARxQYAERg0AIABBKHFFIQILIAILjAEBAn8CQAJAAkAgAC0AKkUNACAALQArRQ0AIAAvATIiAUECcUUNAQwCCyAALwEyIgFBAXFFDQELQQEhAiAALQAoQQFGDQAgAC8BNCIAQeQAa0HkAEkNACAAQcwBRg0AIABBsAJGDQAgAUHAAHENAEEAIQIgAUGIBHFBgARGDQAgAUEocUEARyECCyACC1cAIABBGGpCADcDACAAQgA3AwAgAEE4akIANwMAIABBMGpCADcDACAAQShqQgA3AwAgAEEgakIANwMAIABBEGpCADcDACAAQQhqQgA3AwAgAEH9ATYCHAsGACAAEDoLmi0BC38jAEEQayIKJABB3NUAKAIAIglFBEBBnNkAKAIAIgVFBEBBqNkAQn83AgBBoNkAQoCAhICAgMAANwIAQZzZACAKQQhqQXBxQdiq1aoFcyIFNgIAQbDZAEEANgIAQYDZAEEANgIAC0GE2QBBwNkENgIAQdTVAEHA2QQ2AgBB6NUAIAU2AgBB5NUAQX82AgBBiNkAQcCmAzYCAANAIAFBgNYAaiABQfTVAGoiAjYCACACIAFB7NUAaiIDNgIAIAFB+NUAaiADNgIAIAFBiNYAaiABQfzVAGoiAzYCACADIAI2AgAgAUGQ1gBqIAFBhNYAaiICNgIAIAIgAzYCACABQYzWAGogAjYCACABQSBqIgFBgAJHDQALQczZBEGBpgM2AgBB4NUAQazZACgCADYCAEHQ1QBBgKYDNgIAQdzVAEHI2QQ2AgBBzP8HQTg2AgBByNkEIQkLAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkAgAEHsAU0EQEHE1QAoAgAiBkEQIABBE2pBcHEgAEELSRsiBEEDdiIAdiIBQQNxBEACQCABQQFxIAByQQFzIgJBA3QiAEHs1QBqIgEgAEH01QBqKAIAIgAoAggiA0YEQEHE1QAgBkF+IAJ3cTYCAAwBCyABIAM2AgggAyABNgIMCyAAQQhqIQEgACACQQN0IgJBA3I2AgQgACACaiIAIAAoAgRBAXI2AgQMEQtBzNUAKAIAIgggBE8NASABBEACQEECIAB0IgJBACACa3IgASAAdHFoIgBBA3QiAkHs1QBqIgEgAkH01QBqKAIAIgIoAggiA0YEQEHE1QAgBkF+IAB3cSIGNgIADAELIAEgAzYCCCADIAE2AgwLIAIgBEEDcjYCBCAAQQN0IgAgBGshBSAAIAJqIAU2AgAgAiAEaiIEIAVBAXI2AgQgCARAIAhBeHFB7NUAaiEAQdjVACgCACEDAn9BASAIQQN2dCIBIAZxRQRAQcTVACABIAZyNgIAIAAMAQsgACgCCAsiASADNgIMIAAgAzYCCCADIAA2AgwgAyABNgIICyACQQhqIQFB2NUAIAQ2AgBBzNUAIAU2AgAMEQtByNUAKAIAIgtFDQEgC2hBAnRB9NcAaigCACIAKAIEQXhxIARrIQUgACECA0ACQCACKAIQIgFFBEAgAkEUaigCACIBRQ0BCyABKAIEQXhxIARrIgMgBUkhAiADIAUgAhshBSABIAAgAhshACABIQIMAQsLIAAoAhghCSAAKAIMIgMgAEcEQEHU1QAoAgAaIAMgACgCCCIBNgIIIAEgAzYCDAwQCyAAQRRqIgIoAgAiAUUEQCAAKAIQIgFFDQMgAEEQaiECCwNAIAIhByABIgNBFGoiAigCACIBDQAgA0EQaiECIAMoAhAiAQ0ACyAHQQA2AgAMDwtBfyEEIABBv39LDQAgAEETaiIBQXBxIQRByNUAKAIAIghFDQBBACAEayEFAkACQAJAAn9BACAEQYACSQ0AGkEfIARB////B0sNABogBEEmIAFBCHZnIgBrdkEBcSAAQQF0a0E+agsiBkECdEH01wBqKAIAIgJFBEBBACEBQQAhAwwBC0EAIQEgBEEZIAZBAXZrQQAgBkEfRxt0IQBBACEDA0ACQCACKAIEQXhxIARrIgcgBU8NACACIQMgByIFDQBBACEFIAIhAQwDCyABIAJBFGooAgAiByAHIAIgAEEddkEEcWpBEGooAgAiAkYbIAEgBxshASAAQQF0IQAgAg0ACwsgASADckUEQEEAIQNBAiAGdCIAQQAgAGtyIAhxIgBFDQMgAGhBAnRB9NcAaigCACEBCyABRQ0BCwNAIAEoAgRBeHEgBGsiAiAFSSEAIAIgBSAAGyEFIAEgAyAAGyEDIAEoAhAiAAR/IAAFIAFBFGooAgALIgENAAsLIANFDQAgBUHM1QAoAgAgBGtPDQAgAygCGCEHIAMgAygCDCIARwRAQdTVACgCABogACADKAIIIgE2AgggASAANgIMDA4LIANBFGoiAigCACIBRQRAIAMoAhAiAUUNAyADQRBqIQILA0AgAiEGIAEiAEEUaiICKAIAIgENACAAQRBqIQIgACgCECIBDQALIAZBADYCAAwNC0HM1QAoAgAiAyAETwRAQdjVACgCACEBAkAgAyAEayICQRBPBEAgASAEaiIAIAJBAXI2AgQgASADaiACNgIAIAEgBEEDcjYCBAwBCyABIANBA3I2AgQgASADaiIAIAAoAgRBAXI2AgRBACEAQQAhAgtBzNUAIAI2AgBB2NUAIAA2AgAgAUEIaiEBDA8LQdDVACgCACIDIARLBEAgBCAJaiIAIAMgBGsiAUEBcjYCBEHc1QAgADYCAEHQ1QAgATYCACAJIARBA3I2AgQgCUEIaiEBDA8LQQAhASAEAn9BnNkAKAIABEBBpNkAKAIADAELQajZAEJ/NwIAQaDZAEKAgISAgIDAADcCAEGc2QAgCkEMakFwcUHYqtWqBXM2AgBBsNkAQQA2AgBBgNkAQQA2AgBBgIAECyIAIARBxwBqIgVqIgZBACAAayIHcSICTwRAQbTZAEEwNgIADA8LAkBB/NgAKAIAIgFFDQBB9NgAKAIAIgggAmohACAAIAFNIAAgCEtxDQBBACEBQbTZAEEwNgIADA8LQYDZAC0AAEEEcQ0EAkACQCAJBEBBhNkAIQEDQCABKAIAIgAgCU0EQCAAIAEoAgRqIAlLDQMLIAEoAggiAQ0ACwtBABA7IgBBf0YNBSACIQZBoNkAKAIAIgFBAWsiAyAAcQRAIAIgAGsgACADakEAIAFrcWohBgsgBCAGTw0FIAZB/v///wdLDQVB/NgAKAIAIgMEQEH02AAoAgAiByAGaiEBIAEgB00NBiABIANLDQYLIAYQOyIBIABHDQEMBwsgBiADayAHcSIGQf7///8HSw0EIAYQOyEAIAAgASgCACABKAIEakYNAyAAIQELAkAgBiAEQcgAak8NACABQX9GDQBBpNkAKAIAIgAgBSAGa2pBACAAa3EiAEH+////B0sEQCABIQAMBwsgABA7QX9HBEAgACAGaiEGIAEhAAwHC0EAIAZrEDsaDAQLIAEiAEF/Rw0FDAMLQQAhAwwMC0EAIQAMCgsgAEF/Rw0CC0GA2QBBgNkAKAIAQQRyNgIACyACQf7///8HSw0BIAIQOyEAQQAQOyEBIABBf0YNASABQX9GDQEgACABTw0BIAEgAGsiBiAEQThqTQ0BC0H02ABB9NgAKAIAIAZqIgE2AgBB+NgAKAIAIAFJBEBB+NgAIAE2AgALAkACQAJAQdzVACgCACICBEBBhNkAIQEDQCAAIAEoAgAiAyABKAIEIgVqRg0CIAEoAggiAQ0ACwwCC0HU1QAoAgAiAUEARyAAIAFPcUUEQEHU1QAgADYCAAtBACEBQYjZACAGNgIAQYTZACAANgIAQeTVAEF/NgIAQejVAEGc2QAoAgA2AgBBkNkAQQA2AgADQCABQYDWAGogAUH01QBqIgI2AgAgAiABQezVAGoiAzYCACABQfjVAGogAzYCACABQYjWAGogAUH81QBqIgM2AgAgAyACNgIAIAFBkNYAaiABQYTWAGoiAjYCACACIAM2AgAgAUGM1gBqIAI2AgAgAUEgaiIBQYACRw0AC0F4IABrQQ9xIgEgAGoiAiAGQThrIgMgAWsiAUEBcjYCBEHg1QBBrNkAKAIANgIAQdDVACABNgIAQdzVACACNgIAIAAgA2pBODYCBAwCCyAAIAJNDQAgAiADSQ0AIAEoAgxBCHENAEF4IAJrQQ9xIgAgAmoiA0HQ1QAoAgAgBmoiByAAayIAQQFyNgIEIAEgBSAGajYCBEHg1QBBrNkAKAIANgIAQdDVACAANgIAQdzVACADNgIAIAIgB2pBODYCBAwBCyAAQdTVACgCAEkEQEHU1QAgADYCAAsgACAGaiEDQYTZACEBAkACQAJAA0AgAyABKAIARwRAIAEoAggiAQ0BDAILCyABLQAMQQhxRQ0BC0GE2QAhAQNAIAEoAgAiAyACTQRAIAMgASgCBGoiBSACSw0DCyABKAIIIQEMAAsACyABIAA2AgAgASABKAIEIAZqNgIEIABBeCAAa0EPcWoiCSAEQQNyNgIEIANBeCADa0EPcWoiBiAEIAlqIgRrIQEgAiAGRgRAQdzVACAENgIAQdDVAEHQ1QAoAgAgAWoiADYCACAEIABBAXI2AgQMCAtB2NUAKAIAIAZGBEBB2NUAIAQ2AgBBzNUAQczVACgCACABaiIANgIAIAQgAEEBcjYCBCAAIARqIAA2AgAMCAsgBigCBCIFQQNxQQFHDQYgBUF4cSEIIAVB/wFNBEAgBUEDdiEDIAYoAggiACAGKAIMIgJGBEBBxNUAQcTVACgCAEF+IAN3cTYCAAwHCyACIAA2AgggACACNgIMDAYLIAYoAhghByAGIAYoAgwiAEcEQCAAIAYoAggiAjYCCCACIAA2AgwMBQsgBkEUaiICKAIAIgVFBEAgBigCECIFRQ0EIAZBEGohAgsDQCACIQMgBSIAQRRqIgIoAgAiBQ0AIABBEGohAiAAKAIQIgUNAAsgA0EANgIADAQLQXggAGtBD3EiASAAaiIHIAZBOGsiAyABayIBQQFyNgIEIAAgA2pBODYCBCACIAVBNyAFa0EPcWpBP2siAyADIAJBEGpJGyIDQSM2AgRB4NUAQazZACgCADYCAEHQ1QAgATYCAEHc1QAgBzYCACADQRBqQYzZACkCADcCACADQYTZACkCADcCCEGM2QAgA0EIajYCAEGI2QAgBjYCAEGE2QAgADYCAEGQ2QBBADYCACADQSRqIQEDQCABQQc2AgAgBSABQQRqIgFLDQALIAIgA0YNACADIAMoAgRBfnE2AgQgAyADIAJrIgU2AgAgAiAFQQFyNgIEIAVB/wFNBEAgBUF4cUHs1QBqIQACf0HE1QAoAgAiAUEBIAVBA3Z0IgNxRQRAQcTVACABIANyNgIAIAAMAQsgACgCCAsiASACNgIMIAAgAjYCCCACIAA2AgwgAiABNgIIDAELQR8hASAFQf///wdNBEAgBUEmIAVBCHZnIgBrdkEBcSAAQQF0a0E+aiEBCyACIAE2AhwgAkIANwIQIAFBAnRB9NcAaiEAQcjVACgCACIDQQEgAXQiBnFFBEAgACACNgIAQcjVACADIAZyNgIAIAIgADYCGCACIAI2AgggAiACNgIMDAELIAVBGSABQQF2a0EAIAFBH0cbdCEBIAAoAgAhAwJAA0AgAyIAKAIEQXhxIAVGDQEgAUEddiEDIAFBAXQhASAAIANBBHFqQRBqIgYoAgAiAw0ACyAGIAI2AgAgAiAANgIYIAIgAjYCDCACIAI2AggMAQsgACgCCCIBIAI2AgwgACACNgIIIAJBADYCGCACIAA2AgwgAiABNgIIC0HQ1QAoAgAiASAETQ0AQdzVACgCACIAIARqIgIgASAEayIBQQFyNgIEQdDVACABNgIAQdzVACACNgIAIAAgBEEDcjYCBCAAQQhqIQEMCAtBACEBQbTZAEEwNgIADAcLQQAhAAsgB0UNAAJAIAYoAhwiAkECdEH01wBqIgMoAgAgBkYEQCADIAA2AgAgAA0BQcjVAEHI1QAoAgBBfiACd3E2AgAMAgsgB0EQQRQgBygCECAGRhtqIAA2AgAgAEUNAQsgACAHNgIYIAYoAhAiAgRAIAAgAjYCECACIAA2AhgLIAZBFGooAgAiAkUNACAAQRRqIAI2AgAgAiAANgIYCyABIAhqIQEgBiAIaiIGKAIEIQULIAYgBUF+cTYCBCABIARqIAE2AgAgBCABQQFyNgIEIAFB/wFNBEAgAUF4cUHs1QBqIQACf0HE1QAoAgAiAkEBIAFBA3Z0IgFxRQRAQcTVACABIAJyNgIAIAAMAQsgACgCCAsiASAENgIMIAAgBDYCCCAEIAA2AgwgBCABNgIIDAELQR8hBSABQf///wdNBEAgAUEmIAFBCHZnIgBrdkEBcSAAQQF0a0E+aiEFCyAEIAU2AhwgBEIANwIQIAVBAnRB9NcAaiEAQcjVACgCACICQQEgBXQiA3FFBEAgACAENgIAQcjVACACIANyNgIAIAQgADYCGCAEIAQ2AgggBCAENgIMDAELIAFBGSAFQQF2a0EAIAVBH0cbdCEFIAAoAgAhAAJAA0AgACICKAIEQXhxIAFGDQEgBUEddiEAIAVBAXQhBSACIABBBHFqQRBqIgMoAgAiAA0ACyADIAQ2AgAgBCACNgIYIAQgBDYCDCAEIAQ2AggMAQsgAigCCCIAIAQ2AgwgAiAENgIIIARBADYCGCAEIAI2AgwgBCAANgIICyAJQQhqIQEMAgsCQCAHRQ0AAkAgAygCHCIBQQJ0QfTXAGoiAigCACADRgRAIAIgADYCACAADQFByNUAIAhBfiABd3EiCDYCAAwCCyAHQRBBFCAHKAIQIANGG2ogADYCACAARQ0BCyAAIAc2AhggAygCECIBBEAgACABNgIQIAEgADYCGAsgA0EUaigCACIBRQ0AIABBFGogATYCACABIAA2AhgLAkAgBUEPTQRAIAMgBCAFaiIAQQNyNgIEIAAgA2oiACAAKAIEQQFyNgIEDAELIAMgBGoiAiAFQQFyNgIEIAMgBEEDcjYCBCACIAVqIAU2AgAgBUH/AU0EQCAFQXhxQezVAGohAAJ/QcTVACgCACIBQQEgBUEDdnQiBXFFBEBBxNUAIAEgBXI2AgAgAAwBCyAAKAIICyIBIAI2AgwgACACNgIIIAIgADYCDCACIAE2AggMAQtBHyEBIAVB////B00EQCAFQSYgBUEIdmciAGt2QQFxIABBAXRrQT5qIQELIAIgATYCHCACQgA3AhAgAUECdEH01wBqIQBBASABdCIEIAhxRQRAIAAgAjYCAEHI1QAgBCAIcjYCACACIAA2AhggAiACNgIIIAIgAjYCDAwBCyAFQRkgAUEBdmtBACABQR9HG3QhASAAKAIAIQQCQANAIAQiACgCBEF4cSAFRg0BIAFBHXYhBCABQQF0IQEgACAEQQRxakEQaiIGKAIAIgQNAAsgBiACNgIAIAIgADYCGCACIAI2AgwgAiACNgIIDAELIAAoAggiASACNgIMIAAgAjYCCCACQQA2AhggAiAANgIMIAIgATYCCAsgA0EIaiEBDAELAkAgCUUNAAJAIAAoAhwiAUECdEH01wBqIgIoAgAgAEYEQCACIAM2AgAgAw0BQcjVACALQX4gAXdxNgIADAILIAlBEEEUIAkoAhAgAEYbaiADNgIAIANFDQELIAMgCTYCGCAAKAIQIgEEQCADIAE2AhAgASADNgIYCyAAQRRqKAIAIgFFDQAgA0EUaiABNgIAIAEgAzYCGAsCQCAFQQ9NBEAgACAEIAVqIgFBA3I2AgQgACABaiIBIAEoAgRBAXI2AgQMAQsgACAEaiIHIAVBAXI2AgQgACAEQQNyNgIEIAUgB2ogBTYCACAIBEAgCEF4cUHs1QBqIQFB2NUAKAIAIQMCf0EBIAhBA3Z0IgIgBnFFBEBBxNUAIAIgBnI2AgAgAQwBCyABKAIICyICIAM2AgwgASADNgIIIAMgATYCDCADIAI2AggLQdjVACAHNgIAQczVACAFNgIACyAAQQhqIQELIApBEGokACABC0MAIABFBEA/AEEQdA8LAkAgAEH//wNxDQAgAEEASA0AIABBEHZAACIAQX9GBEBBtNkAQTA2AgBBfw8LIABBEHQPCwALC5lCIgBBgAgLDQEAAAAAAAAAAgAAAAMAQZgICwUEAAAABQBBqAgLCQYAAAAHAAAACABB5AgLwjJJbnZhbGlkIGNoYXIgaW4gdXJsIHF1ZXJ5AFNwYW4gY2FsbGJhY2sgZXJyb3IgaW4gb25fYm9keQBDb250ZW50LUxlbmd0aCBvdmVyZmxvdwBDaHVuayBzaXplIG92ZXJmbG93AEludmFsaWQgbWV0aG9kIGZvciBIVFRQL3gueCByZXF1ZXN0AEludmFsaWQgbWV0aG9kIGZvciBSVFNQL3gueCByZXF1ZXN0AEV4cGVjdGVkIFNPVVJDRSBtZXRob2QgZm9yIElDRS94LnggcmVxdWVzdABJbnZhbGlkIGNoYXIgaW4gdXJsIGZyYWdtZW50IHN0YXJ0AEV4cGVjdGVkIGRvdABTcGFuIGNhbGxiYWNrIGVycm9yIGluIG9uX3N0YXR1cwBJbnZhbGlkIHJlc3BvbnNlIHN0YXR1cwBFeHBlY3RlZCBMRiBhZnRlciBoZWFkZXJzAEludmFsaWQgY2hhcmFjdGVyIGluIGNodW5rIGV4dGVuc2lvbnMAVXNlciBjYWxsYmFjayBlcnJvcgBgb25fcmVzZXRgIGNhbGxiYWNrIGVycm9yAGBvbl9jaHVua19oZWFkZXJgIGNhbGxiYWNrIGVycm9yAGBvbl9tZXNzYWdlX2JlZ2luYCBjYWxsYmFjayBlcnJvcgBgb25fY2h1bmtfZXh0ZW5zaW9uX3ZhbHVlYCBjYWxsYmFjayBlcnJvcgBgb25fc3RhdHVzX2NvbXBsZXRlYCBjYWxsYmFjayBlcnJvcgBgb25fdmVyc2lvbl9jb21wbGV0ZWAgY2FsbGJhY2sgZXJyb3IAYG9uX3VybF9jb21wbGV0ZWAgY2FsbGJhY2sgZXJyb3IAYG9uX3Byb3RvY29sX2NvbXBsZXRlYCBjYWxsYmFjayBlcnJvcgBgb25fY2h1bmtfY29tcGxldGVgIGNhbGxiYWNrIGVycm9yAGBvbl9oZWFkZXJfdmFsdWVfY29tcGxldGVgIGNhbGxiYWNrIGVycm9yAGBvbl9tZXNzYWdlX2NvbXBsZXRlYCBjYWxsYmFjayBlcnJvcgBgb25fbWV0aG9kX2NvbXBsZXRlYCBjYWxsYmFjayBlcnJvcgBgb25faGVhZGVyX2ZpZWxkX2NvbXBsZXRlYCBjYWxsYmFjayBlcnJvcgBgb25fY2h1bmtfZXh0ZW5zaW9uX25hbWVgIGNhbGxiYWNrIGVycm9yAFVuZXhwZWN0ZWQgY2hhciBpbiB1cmwgc2VydmVyAEludmFsaWQgaGVhZGVyIHZhbHVlIGNoYXIASW52YWxpZCBoZWFkZXIgZmllbGQgY2hhcgBTcGFuIGNhbGxiYWNrIGVycm9yIGluIG9uX3ZlcnNpb24ASW52YWxpZCBtaW5vciB2ZXJzaW9uAEludmFsaWQgbWFqb3IgdmVyc2lvbgBFeHBlY3RlZCBzcGFjZSBhZnRlciB2ZXJzaW9uAEV4cGVjdGVkIENSTEYgYWZ0ZXIgdmVyc2lvbgBJbnZhbGlkIEhUVFAgdmVyc2lvbgBJbnZhbGlkIGhlYWRlciB0b2tlbgBTcGFuIGNhbGxiYWNrIGVycm9yIGluIG9uX3VybABJbnZhbGlkIGNoYXJhY3RlcnMgaW4gdXJsAFVuZXhwZWN0ZWQgc3RhcnQgY2hhciBpbiB1cmwARG91YmxlIEAgaW4gdXJsAFNwYW4gY2FsbGJhY2sgZXJyb3IgaW4gb25fcHJvdG9jb2wARW1wdHkgQ29udGVudC1MZW5ndGgASW52YWxpZCBjaGFyYWN0ZXIgaW4gQ29udGVudC1MZW5ndGgAVHJhbnNmZXItRW5jb2RpbmcgY2FuJ3QgYmUgcHJlc2VudCB3aXRoIENvbnRlbnQtTGVuZ3RoAER1cGxpY2F0ZSBDb250ZW50LUxlbmd0aABJbnZhbGlkIGNoYXIgaW4gdXJsIHBhdGgAQ29udGVudC1MZW5ndGggY2FuJ3QgYmUgcHJlc2VudCB3aXRoIFRyYW5zZmVyLUVuY29kaW5nAE1pc3NpbmcgZXhwZWN0ZWQgQ1IgYWZ0ZXIgY2h1bmsgc2l6ZQBFeHBlY3RlZCBMRiBhZnRlciBjaHVuayBzaXplAEludmFsaWQgY2hhcmFjdGVyIGluIGNodW5rIHNpemUAU3BhbiBjYWxsYmFjayBlcnJvciBpbiBvbl9oZWFkZXJfdmFsdWUAU3BhbiBjYWxsYmFjayBlcnJvciBpbiBvbl9jaHVua19leHRlbnNpb25fdmFsdWUASW52YWxpZCBjaGFyYWN0ZXIgaW4gY2h1bmsgZXh0ZW5zaW9ucyB2YWx1ZQBVbmV4cGVjdGVkIHdoaXRlc3BhY2UgYWZ0ZXIgaGVhZGVyIHZhbHVlAE1pc3NpbmcgZXhwZWN0ZWQgQ1IgYWZ0ZXIgaGVhZGVyIHZhbHVlAE1pc3NpbmcgZXhwZWN0ZWQgTEYgYWZ0ZXIgaGVhZGVyIHZhbHVlAEludmFsaWQgYFRyYW5zZmVyLUVuY29kaW5nYCBoZWFkZXIgdmFsdWUATWlzc2luZyBleHBlY3RlZCBDUiBhZnRlciBjaHVuayBleHRlbnNpb24gdmFsdWUASW52YWxpZCBjaGFyYWN0ZXIgaW4gY2h1bmsgZXh0ZW5zaW9ucyBxdW90ZSB2YWx1ZQBJbnZhbGlkIHF1b3RlZC1wYWlyIGluIGNodW5rIGV4dGVuc2lvbnMgcXVvdGVkIHZhbHVlAEludmFsaWQgY2hhcmFjdGVyIGluIGNodW5rIGV4dGVuc2lvbnMgcXVvdGVkIHZhbHVlAFBhdXNlZCBieSBvbl9oZWFkZXJzX2NvbXBsZXRlAEludmFsaWQgRU9GIHN0YXRlAG9uX3Jlc2V0IHBhdXNlAG9uX2NodW5rX2hlYWRlciBwYXVzZQBvbl9tZXNzYWdlX2JlZ2luIHBhdXNlAG9uX2NodW5rX2V4dGVuc2lvbl92YWx1ZSBwYXVzZQBvbl9zdGF0dXNfY29tcGxldGUgcGF1c2UAb25fdmVyc2lvbl9jb21wbGV0ZSBwYXVzZQBvbl91cmxfY29tcGxldGUgcGF1c2UAb25fcHJvdG9jb2xfY29tcGxldGUgcGF1c2UAb25fY2h1bmtfY29tcGxldGUgcGF1c2UAb25faGVhZGVyX3ZhbHVlX2NvbXBsZXRlIHBhdXNlAG9uX21lc3NhZ2VfY29tcGxldGUgcGF1c2UAb25fbWV0aG9kX2NvbXBsZXRlIHBhdXNlAG9uX2hlYWRlcl9maWVsZF9jb21wbGV0ZSBwYXVzZQBvbl9jaHVua19leHRlbnNpb25fbmFtZSBwYXVzZQBVbmV4cGVjdGVkIHNwYWNlIGFmdGVyIHN0YXJ0IGxpbmUATWlzc2luZyBleHBlY3RlZCBDUiBhZnRlciByZXNwb25zZSBsaW5lAFNwYW4gY2FsbGJhY2sgZXJyb3IgaW4gb25fY2h1bmtfZXh0ZW5zaW9uX25hbWUASW52YWxpZCBjaGFyYWN0ZXIgaW4gY2h1bmsgZXh0ZW5zaW9ucyBuYW1lAE1pc3NpbmcgZXhwZWN0ZWQgQ1IgYWZ0ZXIgY2h1bmsgZXh0ZW5zaW9uIG5hbWUASW52YWxpZCBzdGF0dXMgY29kZQBQYXVzZSBvbiBDT05ORUNUL1VwZ3JhZGUAUGF1c2Ugb24gUFJJL1VwZ3JhZGUARXhwZWN0ZWQgSFRUUC8yIENvbm5lY3Rpb24gUHJlZmFjZQBTcGFuIGNhbGxiYWNrIGVycm9yIGluIG9uX21ldGhvZABFeHBlY3RlZCBzcGFjZSBhZnRlciBtZXRob2QAU3BhbiBjYWxsYmFjayBlcnJvciBpbiBvbl9oZWFkZXJfZmllbGQAUGF1c2VkAEludmFsaWQgd29yZCBlbmNvdW50ZXJlZABJbnZhbGlkIG1ldGhvZCBlbmNvdW50ZXJlZABNaXNzaW5nIGV4cGVjdGVkIENSIGFmdGVyIGNodW5rIGRhdGEARXhwZWN0ZWQgTEYgYWZ0ZXIgY2h1bmsgZGF0YQBVbmV4cGVjdGVkIGNoYXIgaW4gdXJsIHNjaGVtYQBSZXF1ZXN0IGhhcyBpbnZhbGlkIGBUcmFuc2Zlci1FbmNvZGluZ2AARGF0YSBhZnRlciBgQ29ubmVjdGlvbjogY2xvc2VgAFNXSVRDSF9QUk9YWQBVU0VfUFJPWFkATUtBQ1RJVklUWQBVTlBST0NFU1NBQkxFX0VOVElUWQBRVUVSWQBDT1BZAE1PVkVEX1BFUk1BTkVOVExZAFRPT19FQVJMWQBOT1RJRlkARkFJTEVEX0RFUEVOREVOQ1kAQkFEX0dBVEVXQVkAUExBWQBQVVQAQ0hFQ0tPVVQAR0FURVdBWV9USU1FT1VUAFJFUVVFU1RfVElNRU9VVABORVRXT1JLX0NPTk5FQ1RfVElNRU9VVABDT05ORUNUSU9OX1RJTUVPVVQATE9HSU5fVElNRU9VVABORVRXT1JLX1JFQURfVElNRU9VVABQT1NUAE1JU0RJUkVDVEVEX1JFUVVFU1QAQ0xJRU5UX0NMT1NFRF9SRVFVRVNUAENMSUVOVF9DTE9TRURfTE9BRF9CQUxBTkNFRF9SRVFVRVNUAEJBRF9SRVFVRVNUAEhUVFBfUkVRVUVTVF9TRU5UX1RPX0hUVFBTX1BPUlQAUkVQT1JUAElNX0FfVEVBUE9UAFJFU0VUX0NPTlRFTlQATk9fQ09OVEVOVABQQVJUSUFMX0NPTlRFTlQASFBFX0lOVkFMSURfQ09OU1RBTlQASFBFX0NCX1JFU0VUAEdFVABIUEVfU1RSSUNUAENPTkZMSUNUAFRFTVBPUkFSWV9SRURJUkVDVABQRVJNQU5FTlRfUkVESVJFQ1QAQ09OTkVDVABNVUxUSV9TVEFUVVMASFBFX0lOVkFMSURfU1RBVFVTAFRPT19NQU5ZX1JFUVVFU1RTAEVBUkxZX0hJTlRTAFVOQVZBSUxBQkxFX0ZPUl9MRUdBTF9SRUFTT05TAE9QVElPTlMAU1dJVENISU5HX1BST1RPQ09MUwBWQVJJQU5UX0FMU09fTkVHT1RJQVRFUwBNVUxUSVBMRV9DSE9JQ0VTAElOVEVSTkFMX1NFUlZFUl9FUlJPUgBXRUJfU0VSVkVSX1VOS05PV05fRVJST1IAUkFJTEdVTl9FUlJPUgBJREVOVElUWV9QUk9WSURFUl9BVVRIRU5USUNBVElPTl9FUlJPUgBTU0xfQ0VSVElGSUNBVEVfRVJST1IASU5WQUxJRF9YX0ZPUldBUkRFRF9GT1IAU0VUX1BBUkFNRVRFUgBHRVRfUEFSQU1FVEVSAEhQRV9VU0VSAFNFRV9PVEhFUgBIUEVfQ0JfQ0hVTktfSEVBREVSAEV4cGVjdGVkIExGIGFmdGVyIENSAE1LQ0FMRU5EQVIAU0VUVVAAV0VCX1NFUlZFUl9JU19ET1dOAFRFQVJET1dOAEhQRV9DTE9TRURfQ09OTkVDVElPTgBIRVVSSVNUSUNfRVhQSVJBVElPTgBESVNDT05ORUNURURfT1BFUkFUSU9OAE5PTl9BVVRIT1JJVEFUSVZFX0lORk9STUFUSU9OAEhQRV9JTlZBTElEX1ZFUlNJT04ASFBFX0NCX01FU1NBR0VfQkVHSU4AU0lURV9JU19GUk9aRU4ASFBFX0lOVkFMSURfSEVBREVSX1RPS0VOAElOVkFMSURfVE9LRU4ARk9SQklEREVOAEVOSEFOQ0VfWU9VUl9DQUxNAEhQRV9JTlZBTElEX1VSTABCTE9DS0VEX0JZX1BBUkVOVEFMX0NPTlRST0wATUtDT0wAQUNMAEhQRV9JTlRFUk5BTABSRVFVRVNUX0hFQURFUl9GSUVMRFNfVE9PX0xBUkdFX1VOT0ZGSUNJQUwASFBFX09LAFVOTElOSwBVTkxPQ0sAUFJJAFJFVFJZX1dJVEgASFBFX0lOVkFMSURfQ09OVEVOVF9MRU5HVEgASFBFX1VORVhQRUNURURfQ09OVEVOVF9MRU5HVEgARkxVU0gAUFJPUFBBVENIAE0tU0VBUkNIAFVSSV9UT09fTE9ORwBQUk9DRVNTSU5HAE1JU0NFTExBTkVPVVNfUEVSU0lTVEVOVF9XQVJOSU5HAE1JU0NFTExBTkVPVVNfV0FSTklORwBIUEVfSU5WQUxJRF9UUkFOU0ZFUl9FTkNPRElORwBFeHBlY3RlZCBDUkxGAEhQRV9JTlZBTElEX0NIVU5LX1NJWkUATU9WRQBDT05USU5VRQBIUEVfQ0JfU1RBVFVTX0NPTVBMRVRFAEhQRV9DQl9IRUFERVJTX0NPTVBMRVRFAEhQRV9DQl9WRVJTSU9OX0NPTVBMRVRFAEhQRV9DQl9VUkxfQ09NUExFVEUASFBFX0NCX1BST1RPQ09MX0NPTVBMRVRFAEhQRV9DQl9DSFVOS19DT01QTEVURQBIUEVfQ0JfSEVBREVSX1ZBTFVFX0NPTVBMRVRFAEhQRV9DQl9DSFVOS19FWFRFTlNJT05fVkFMVUVfQ09NUExFVEUASFBFX0NCX0NIVU5LX0VYVEVOU0lPTl9OQU1FX0NPTVBMRVRFAEhQRV9DQl9NRVNTQUdFX0NPTVBMRVRFAEhQRV9DQl9NRVRIT0RfQ09NUExFVEUASFBFX0NCX0hFQURFUl9GSUVMRF9DT01QTEVURQBERUxFVEUASFBFX0lOVkFMSURfRU9GX1NUQVRFAElOVkFMSURfU1NMX0NFUlRJRklDQVRFAFBBVVNFAE5PX1JFU1BPTlNFAFVOU1VQUE9SVEVEX01FRElBX1RZUEUAR09ORQBOT1RfQUNDRVBUQUJMRQBTRVJWSUNFX1VOQVZBSUxBQkxFAFJBTkdFX05PVF9TQVRJU0ZJQUJMRQBPUklHSU5fSVNfVU5SRUFDSEFCTEUAUkVTUE9OU0VfSVNfU1RBTEUAUFVSR0UATUVSR0UAUkVRVUVTVF9IRUFERVJfRklFTERTX1RPT19MQVJHRQBSRVFVRVNUX0hFQURFUl9UT09fTEFSR0UAUEFZTE9BRF9UT09fTEFSR0UASU5TVUZGSUNJRU5UX1NUT1JBR0UASFBFX1BBVVNFRF9VUEdSQURFAEhQRV9QQVVTRURfSDJfVVBHUkFERQBTT1VSQ0UAQU5OT1VOQ0UAVFJBQ0UASFBFX1VORVhQRUNURURfU1BBQ0UAREVTQ1JJQkUAVU5TVUJTQ1JJQkUAUkVDT1JEAEhQRV9JTlZBTElEX01FVEhPRABOT1RfRk9VTkQAUFJPUEZJTkQAVU5CSU5EAFJFQklORABVTkFVVEhPUklaRUQATUVUSE9EX05PVF9BTExPV0VEAEhUVFBfVkVSU0lPTl9OT1RfU1VQUE9SVEVEAEFMUkVBRFlfUkVQT1JURUQAQUNDRVBURUQATk9UX0lNUExFTUVOVEVEAExPT1BfREVURUNURUQASFBFX0NSX0VYUEVDVEVEAEhQRV9MRl9FWFBFQ1RFRABDUkVBVEVEAElNX1VTRUQASFBFX1BBVVNFRABUSU1FT1VUX09DQ1VSRUQAUEFZTUVOVF9SRVFVSVJFRABQUkVDT05ESVRJT05fUkVRVUlSRUQAUFJPWFlfQVVUSEVOVElDQVRJT05fUkVRVUlSRUQATkVUV09SS19BVVRIRU5USUNBVElPTl9SRVFVSVJFRABMRU5HVEhfUkVRVUlSRUQAU1NMX0NFUlRJRklDQVRFX1JFUVVJUkVEAFVQR1JBREVfUkVRVUlSRUQAUEFHRV9FWFBJUkVEAFBSRUNPTkRJVElPTl9GQUlMRUQARVhQRUNUQVRJT05fRkFJTEVEAFJFVkFMSURBVElPTl9GQUlMRUQAU1NMX0hBTkRTSEFLRV9GQUlMRUQATE9DS0VEAFRSQU5TRk9STUFUSU9OX0FQUExJRUQATk9UX01PRElGSUVEAE5PVF9FWFRFTkRFRABCQU5EV0lEVEhfTElNSVRfRVhDRUVERUQAU0lURV9JU19PVkVSTE9BREVEAEhFQUQARXhwZWN0ZWQgSFRUUC8sIFJUU1AvIG9yIElDRS8A5xUAAK8VAACkEgAAkhoAACYWAACeFAAA2xkAAHkVAAB+EgAA/hQAADYVAAALFgAA2BYAAPMSAABCGAAArBYAABIVAAAUFwAA7xcAAEgUAABxFwAAshoAAGsZAAB+GQAANRQAAIIaAABEFwAA/RYAAB4YAACHFwAAqhkAAJMSAAAHGAAALBcAAMoXAACkFwAA5xUAAOcVAABYFwAAOxgAAKASAAAtHAAAwxEAAEgRAADeEgAAQhMAAKQZAAD9EAAA9xUAAKUVAADvFgAA+BkAAEoWAABWFgAA9RUAAAoaAAAIGgAAARoAAKsVAABCEgAA1xAAAEwRAAAFGQAAVBYAAB4RAADKGQAAyBkAAE4WAAD/GAAAcRQAAPAVAADuFQAAlBkAAPwVAAC/GQAAmxkAAHwUAABDEQAAcBgAAJUUAAAnFAAAGRQAANUSAADUGQAARBYAAPcQAEG5OwsBAQBB0DsL4AEBAQIBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEDAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQBBuj0LBAEAAAIAQdE9C14DBAMDAwMDAAADAwADAwADAwMDAwMDAwMDAAUAAAAAAAMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAAAAAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMAAwADAEG6PwsEAQAAAgBB0T8LXgMAAwMDAwMAAAMDAAMDAAMDAwMDAwMDAwMABAAFAAAAAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMAAAADAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwADAAMAQbDBAAsNbG9zZWVlcC1hbGl2ZQBBycEACwEBAEHgwQAL4AEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQBBycMACwEBAEHgwwAL5wEBAQEBAQEBAQEBAQECAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAWNodW5rZWQAQfHFAAteAQABAQEBAQAAAQEAAQEAAQEBAQEBAQEBAQAAAAAAAAABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQAAAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAAEAAQBB0McACyFlY3Rpb25lbnQtbGVuZ3Rob25yb3h5LWNvbm5lY3Rpb24AQYDIAAsgcmFuc2Zlci1lbmNvZGluZ3BncmFkZQ0KDQpTTQ0KDQoAQanIAAsFAQIAAQMAQcDIAAtfBAUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUAQanKAAsFAQIAAQMAQcDKAAtfBAUFBgUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUAQanMAAsEAQAAAQBBwcwAC14CAgACAgICAgICAgICAgICAgICAgICAgICAgICAgIAAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAEGpzgALBQECAAEDAEHAzgALXwQFAAAFBQUFBQUFBQUFBQYFBQUFBQUFBQUFBQUABQAHCAUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQAFAAUABQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUAAAAFAEGp0AALBQEBAAEBAEHA0AALAQEAQdrQAAtBAgAAAAAAAAMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAAAAAAAAAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMAQanSAAsFAQEAAQEAQcDSAAsBAQBBytIACwYCAAAAAAIAQeHSAAs6AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMAAAAAAAADAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwBBoNQAC50BTk9VTkNFRUNLT1VUTkVDVEVURUNSSUJFTFVTSEVURUFEU0VBUkNIUkdFQ1RJVklUWUxFTkRBUlZFT1RJRllQVElPTlNDSFNFQVlTVEFUQ0hHRVVFUllPUkRJUkVDVE9SVFJDSFBBUkFNRVRFUlVSQ0VCU0NSSUJFQVJET1dOQUNFSU5ETktDS1VCU0NSSUJFVFRQQ0VUU1BBRFRQLw=='

let wasmBuffer

Object.defineProperty(module, 'exports', {
  get: () => {
    return wasmBuffer
      ? wasmBuffer
      : (wasmBuffer = Buffer.from(wasmBase64, 'base64'))
  }
})


/***/ }),

/***/ 4991:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {

/* module decorator */ module = __nccwpck_require__.nmd(module);


const { Buffer } = __nccwpck_require__(4573)

const wasmBase64 = 'AGFzbQEAAAABJwdgAX8Bf2ADf39/AX9gAn9/AGABfwBgBH9/f38Bf2AAAGADf39/AALLAQgDZW52GHdhc21fb25faGVhZGVyc19jb21wbGV0ZQAEA2VudhV3YXNtX29uX21lc3NhZ2VfYmVnaW4AAANlbnYLd2FzbV9vbl91cmwAAQNlbnYOd2FzbV9vbl9zdGF0dXMAAQNlbnYUd2FzbV9vbl9oZWFkZXJfZmllbGQAAQNlbnYUd2FzbV9vbl9oZWFkZXJfdmFsdWUAAQNlbnYMd2FzbV9vbl9ib2R5AAEDZW52GHdhc21fb25fbWVzc2FnZV9jb21wbGV0ZQAAAzU0BQYAAAMAAAAAAAADAQMAAwMDAAACAAAAAAICAgICAgICAgIBAQEBAQEBAQEBAwAAAwAAAAQFAXABExMFAwEAAgYIAX8BQcDZBAsHxQcoBm1lbW9yeQIAC19pbml0aWFsaXplAAgZX19pbmRpcmVjdF9mdW5jdGlvbl90YWJsZQEAC2xsaHR0cF9pbml0AAkYbGxodHRwX3Nob3VsZF9rZWVwX2FsaXZlADcMbGxodHRwX2FsbG9jAAsGbWFsbG9jADkLbGxodHRwX2ZyZWUADARmcmVlAAwPbGxodHRwX2dldF90eXBlAA0VbGxodHRwX2dldF9odHRwX21ham9yAA4VbGxodHRwX2dldF9odHRwX21pbm9yAA8RbGxodHRwX2dldF9tZXRob2QAEBZsbGh0dHBfZ2V0X3N0YXR1c19jb2RlABESbGxodHRwX2dldF91cGdyYWRlABIMbGxodHRwX3Jlc2V0ABMObGxodHRwX2V4ZWN1dGUAFBRsbGh0dHBfc2V0dGluZ3NfaW5pdAAVDWxsaHR0cF9maW5pc2gAFgxsbGh0dHBfcGF1c2UAFw1sbGh0dHBfcmVzdW1lABgbbGxodHRwX3Jlc3VtZV9hZnRlcl91cGdyYWRlABkQbGxodHRwX2dldF9lcnJubwAaF2xsaHR0cF9nZXRfZXJyb3JfcmVhc29uABsXbGxodHRwX3NldF9lcnJvcl9yZWFzb24AHBRsbGh0dHBfZ2V0X2Vycm9yX3BvcwAdEWxsaHR0cF9lcnJub19uYW1lAB4SbGxodHRwX21ldGhvZF9uYW1lAB8SbGxodHRwX3N0YXR1c19uYW1lACAabGxodHRwX3NldF9sZW5pZW50X2hlYWRlcnMAISFsbGh0dHBfc2V0X2xlbmllbnRfY2h1bmtlZF9sZW5ndGgAIh1sbGh0dHBfc2V0X2xlbmllbnRfa2VlcF9hbGl2ZQAjJGxsaHR0cF9zZXRfbGVuaWVudF90cmFuc2Zlcl9lbmNvZGluZwAkGmxsaHR0cF9zZXRfbGVuaWVudF92ZXJzaW9uACUjbGxodHRwX3NldF9sZW5pZW50X2RhdGFfYWZ0ZXJfY2xvc2UAJidsbGh0dHBfc2V0X2xlbmllbnRfb3B0aW9uYWxfbGZfYWZ0ZXJfY3IAJyxsbGh0dHBfc2V0X2xlbmllbnRfb3B0aW9uYWxfY3JsZl9hZnRlcl9jaHVuawAoKGxsaHR0cF9zZXRfbGVuaWVudF9vcHRpb25hbF9jcl9iZWZvcmVfbGYAKSpsbGh0dHBfc2V0X2xlbmllbnRfc3BhY2VzX2FmdGVyX2NodW5rX3NpemUAKhhsbGh0dHBfbWVzc2FnZV9uZWVkc19lb2YANgkYAQBBAQsSAQIDBAUKBgcyNDMuKy8tLDAxCuzaAjQWAEHA1QAoAgAEQAALQcDVAEEBNgIACxQAIAAQOCAAIAI2AjggACABOgAoCxQAIAAgAC8BNCAALQAwIAAQNxAACx4BAX9BwAAQOiIBEDggAUGACDYCOCABIAA6ACggAQuPDAEHfwJAIABFDQAgAEEIayIBIABBBGsoAgAiAEF4cSIEaiEFAkAgAEEBcQ0AIABBA3FFDQEgASABKAIAIgBrIgFB1NUAKAIASQ0BIAAgBGohBAJAAkBB2NUAKAIAIAFHBEAgAEH/AU0EQCAAQQN2IQMgASgCCCIAIAEoAgwiAkYEQEHE1QBBxNUAKAIAQX4gA3dxNgIADAULIAIgADYCCCAAIAI2AgwMBAsgASgCGCEGIAEgASgCDCIARwRAIAAgASgCCCICNgIIIAIgADYCDAwDCyABQRRqIgMoAgAiAkUEQCABKAIQIgJFDQIgAUEQaiEDCwNAIAMhByACIgBBFGoiAygCACICDQAgAEEQaiEDIAAoAhAiAg0ACyAHQQA2AgAMAgsgBSgCBCIAQQNxQQNHDQIgBSAAQX5xNgIEQczVACAENgIAIAUgBDYCACABIARBAXI2AgQMAwtBACEACyAGRQ0AAkAgASgCHCICQQJ0QfTXAGoiAygCACABRgRAIAMgADYCACAADQFByNUAQcjVACgCAEF+IAJ3cTYCAAwCCyAGQRBBFCAGKAIQIAFGG2ogADYCACAARQ0BCyAAIAY2AhggASgCECICBEAgACACNgIQIAIgADYCGAsgAUEUaigCACICRQ0AIABBFGogAjYCACACIAA2AhgLIAEgBU8NACAFKAIEIgBBAXFFDQACQAJAAkACQCAAQQJxRQRAQdzVACgCACAFRgRAQdzVACABNgIAQdDVAEHQ1QAoAgAgBGoiADYCACABIABBAXI2AgQgAUHY1QAoAgBHDQZBzNUAQQA2AgBB2NUAQQA2AgAMBgtB2NUAKAIAIAVGBEBB2NUAIAE2AgBBzNUAQczVACgCACAEaiIANgIAIAEgAEEBcjYCBCAAIAFqIAA2AgAMBgsgAEF4cSAEaiEEIABB/wFNBEAgAEEDdiEDIAUoAggiACAFKAIMIgJGBEBBxNUAQcTVACgCAEF+IAN3cTYCAAwFCyACIAA2AgggACACNgIMDAQLIAUoAhghBiAFIAUoAgwiAEcEQEHU1QAoAgAaIAAgBSgCCCICNgIIIAIgADYCDAwDCyAFQRRqIgMoAgAiAkUEQCAFKAIQIgJFDQIgBUEQaiEDCwNAIAMhByACIgBBFGoiAygCACICDQAgAEEQaiEDIAAoAhAiAg0ACyAHQQA2AgAMAgsgBSAAQX5xNgIEIAEgBGogBDYCACABIARBAXI2AgQMAwtBACEACyAGRQ0AAkAgBSgCHCICQQJ0QfTXAGoiAygCACAFRgRAIAMgADYCACAADQFByNUAQcjVACgCAEF+IAJ3cTYCAAwCCyAGQRBBFCAGKAIQIAVGG2ogADYCACAARQ0BCyAAIAY2AhggBSgCECICBEAgACACNgIQIAIgADYCGAsgBUEUaigCACICRQ0AIABBFGogAjYCACACIAA2AhgLIAEgBGogBDYCACABIARBAXI2AgQgAUHY1QAoAgBHDQBBzNUAIAQ2AgAMAQsgBEH/AU0EQCAEQXhxQezVAGohAAJ/QcTVACgCACICQQEgBEEDdnQiA3FFBEBBxNUAIAIgA3I2AgAgAAwBCyAAKAIICyICIAE2AgwgACABNgIIIAEgADYCDCABIAI2AggMAQtBHyECIARB////B00EQCAEQSYgBEEIdmciAGt2QQFxIABBAXRrQT5qIQILIAEgAjYCHCABQgA3AhAgAkECdEH01wBqIQACQEHI1QAoAgAiA0EBIAJ0IgdxRQRAIAAgATYCAEHI1QAgAyAHcjYCACABIAA2AhggASABNgIIIAEgATYCDAwBCyAEQRkgAkEBdmtBACACQR9HG3QhAiAAKAIAIQACQANAIAAiAygCBEF4cSAERg0BIAJBHXYhACACQQF0IQIgAyAAQQRxakEQaiIHKAIAIgANAAsgByABNgIAIAEgAzYCGCABIAE2AgwgASABNgIIDAELIAMoAggiACABNgIMIAMgATYCCCABQQA2AhggASADNgIMIAEgADYCCAtB5NUAQeTVACgCAEEBayIAQX8gABs2AgALCwcAIAAtACgLBwAgAC0AKgsHACAALQArCwcAIAAtACkLBwAgAC8BNAsHACAALQAwC0ABBH8gACgCGCEBIAAvAS4hAiAALQAoIQMgACgCOCEEIAAQOCAAIAQ2AjggACADOgAoIAAgAjsBLiAAIAE2AhgLhocCAwd/A34BeyABIAJqIQQCQCAAIgMoAgwiAA0AIAMoAgQEQCADIAE2AgQLIwBBEGsiCSQAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACfwJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQCADKAIcIgJBAmsO/AEB+QECAwQFBgcICQoLDA0ODxAREvgBE/cBFBX2ARYX9QEYGRobHB0eHyD9AfsBIfQBIiMkJSYnKCkqK/MBLC0uLzAxMvIB8QEzNPAB7wE1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xNTk/6AVBRUlPuAe0BVOwBVesBVldYWVrqAVtcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn+AAYEBggGDAYQBhQGGAYcBiAGJAYoBiwGMAY0BjgGPAZABkQGSAZMBlAGVAZYBlwGYAZkBmgGbAZwBnQGeAZ8BoAGhAaIBowGkAaUBpgGnAagBqQGqAasBrAGtAa4BrwGwAbEBsgGzAbQBtQG2AbcBuAG5AboBuwG8Ab0BvgG/AcABwQHCAcMBxAHFAcYBxwHIAckBygHLAcwBzQHOAekB6AHPAecB0AHmAdEB0gHTAdQB5QHVAdYB1wHYAdkB2gHbAdwB3QHeAd8B4AHhAeIB4wEA/AELQQAM4wELQQ4M4gELQQ0M4QELQQ8M4AELQRAM3wELQRMM3gELQRQM3QELQRUM3AELQRYM2wELQRcM2gELQRgM2QELQRkM2AELQRoM1wELQRsM1gELQRwM1QELQR0M1AELQR4M0wELQR8M0gELQSAM0QELQSEM0AELQQgMzwELQSIMzgELQSQMzQELQSMMzAELQQcMywELQSUMygELQSYMyQELQScMyAELQSgMxwELQRIMxgELQREMxQELQSkMxAELQSoMwwELQSsMwgELQSwMwQELQd4BDMABC0EuDL8BC0EvDL4BC0EwDL0BC0ExDLwBC0EyDLsBC0EzDLoBC0E0DLkBC0HfAQy4AQtBNQy3AQtBOQy2AQtBDAy1AQtBNgy0AQtBNwyzAQtBOAyyAQtBPgyxAQtBOgywAQtB4AEMrwELQQsMrgELQT8MrQELQTsMrAELQQoMqwELQTwMqgELQT0MqQELQeEBDKgBC0HBAAynAQtBwAAMpgELQcIADKUBC0EJDKQBC0EtDKMBC0HDAAyiAQtBxAAMoQELQcUADKABC0HGAAyfAQtBxwAMngELQcgADJ0BC0HJAAycAQtBygAMmwELQcsADJoBC0HMAAyZAQtBzQAMmAELQc4ADJcBC0HPAAyWAQtB0AAMlQELQdEADJQBC0HSAAyTAQtB0wAMkgELQdUADJEBC0HUAAyQAQtB1gAMjwELQdcADI4BC0HYAAyNAQtB2QAMjAELQdoADIsBC0HbAAyKAQtB3AAMiQELQd0ADIgBC0HeAAyHAQtB3wAMhgELQeAADIUBC0HhAAyEAQtB4gAMgwELQeMADIIBC0HkAAyBAQtB5QAMgAELQeIBDH8LQeYADH4LQecADH0LQQYMfAtB6AAMewtBBQx6C0HpAAx5C0EEDHgLQeoADHcLQesADHYLQewADHULQe0ADHQLQQMMcwtB7gAMcgtB7wAMcQtB8AAMcAtB8gAMbwtB8QAMbgtB8wAMbQtB9AAMbAtB9QAMawtB9gAMagtBAgxpC0H3AAxoC0H4AAxnC0H5AAxmC0H6AAxlC0H7AAxkC0H8AAxjC0H9AAxiC0H+AAxhC0H/AAxgC0GAAQxfC0GBAQxeC0GCAQxdC0GDAQxcC0GEAQxbC0GFAQxaC0GGAQxZC0GHAQxYC0GIAQxXC0GJAQxWC0GKAQxVC0GLAQxUC0GMAQxTC0GNAQxSC0GOAQxRC0GPAQxQC0GQAQxPC0GRAQxOC0GSAQxNC0GTAQxMC0GUAQxLC0GVAQxKC0GWAQxJC0GXAQxIC0GYAQxHC0GZAQxGC0GaAQxFC0GbAQxEC0GcAQxDC0GdAQxCC0GeAQxBC0GfAQxAC0GgAQw/C0GhAQw+C0GiAQw9C0GjAQw8C0GkAQw7C0GlAQw6C0GmAQw5C0GnAQw4C0GoAQw3C0GpAQw2C0GqAQw1C0GrAQw0C0GsAQwzC0GtAQwyC0GuAQwxC0GvAQwwC0GwAQwvC0GxAQwuC0GyAQwtC0GzAQwsC0G0AQwrC0G1AQwqC0G2AQwpC0G3AQwoC0G4AQwnC0G5AQwmC0G6AQwlC0G7AQwkC0G8AQwjC0G9AQwiC0G+AQwhC0G/AQwgC0HAAQwfC0HBAQweC0HCAQwdC0EBDBwLQcMBDBsLQcQBDBoLQcUBDBkLQcYBDBgLQccBDBcLQcgBDBYLQckBDBULQcoBDBQLQcsBDBMLQcwBDBILQc0BDBELQc4BDBALQc8BDA8LQdABDA4LQdEBDA0LQdIBDAwLQdMBDAsLQdQBDAoLQdUBDAkLQdYBDAgLQeMBDAcLQdcBDAYLQdgBDAULQdkBDAQLQdoBDAMLQdsBDAILQd0BDAELQdwBCyECA0ACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAIAMCfwJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACfwJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACfwJAAkACQAJAAkACQAJAAn8CQAJAAkACfwJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkAgAwJ/AkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJ/AkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQCACDuMBAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISMkJScoKZ4DmwOaA5EDigODA4AD/QL7AvgC8gLxAu8C7QLoAucC5gLlAuQC3ALbAtoC2QLYAtcC1gLVAs8CzgLMAssCygLJAsgCxwLGAsQCwwK+ArwCugK5ArgCtwK2ArUCtAKzArICsQKwAq4CrQKpAqgCpwKmAqUCpAKjAqICoQKgAp8CmAKQAowCiwKKAoEC/gH9AfwB+wH6AfkB+AH3AfUB8wHwAesB6QHoAecB5gHlAeQB4wHiAeEB4AHfAd4B3QHcAdoB2QHYAdcB1gHVAdQB0wHSAdEB0AHPAc4BzQHMAcsBygHJAcgBxwHGAcUBxAHDAcIBwQHAAb8BvgG9AbwBuwG6AbkBuAG3AbYBtQG0AbMBsgGxAbABrwGuAa0BrAGrAaoBqQGoAacBpgGlAaQBowGiAZ8BngGZAZgBlwGWAZUBlAGTAZIBkQGQAY8BjQGMAYcBhgGFAYQBgwGCAX18e3p5dnV0UFFSU1RVCyABIARHDXJB/QEhAgy+AwsgASAERw2YAUHbASECDL0DCyABIARHDfEBQY4BIQIMvAMLIAEgBEcN/AFBhAEhAgy7AwsgASAERw2KAkH/ACECDLoDCyABIARHDZECQf0AIQIMuQMLIAEgBEcNlAJB+wAhAgy4AwsgASAERw0eQR4hAgy3AwsgASAERw0ZQRghAgy2AwsgASAERw3KAkHNACECDLUDCyABIARHDdUCQcYAIQIMtAMLIAEgBEcN1gJBwwAhAgyzAwsgASAERw3cAkE4IQIMsgMLIAMtADBBAUYNrQMMiQMLQQAhAAJAAkACQCADLQAqRQ0AIAMtACtFDQAgAy8BMiICQQJxRQ0BDAILIAMvATIiAkEBcUUNAQtBASEAIAMtAChBAUYNACADLwE0IgZB5ABrQeQASQ0AIAZBzAFGDQAgBkGwAkYNACACQcAAcQ0AQQAhACACQYgEcUGABEYNACACQShxQQBHIQALIANBADsBMiADQQA6ADECQCAARQRAIANBADoAMSADLQAuQQRxDQEMsQMLIANCADcDIAsgA0EAOgAxIANBAToANgxIC0EAIQACQCADKAI4IgJFDQAgAigCMCICRQ0AIAMgAhEAACEACyAARQ1IIABBFUcNYiADQQQ2AhwgAyABNgIUIANB0hs2AhAgA0EVNgIMQQAhAgyvAwsgASAERgRAQQYhAgyvAwsgAS0AAEEKRw0ZIAFBAWohAQwaCyADQgA3AyBBEiECDJQDCyABIARHDYoDQSMhAgysAwsgASAERgRAQQchAgysAwsCQAJAIAEtAABBCmsOBAEYGAAYCyABQQFqIQFBECECDJMDCyABQQFqIQEgA0Evai0AAEEBcQ0XQQAhAiADQQA2AhwgAyABNgIUIANBmSA2AhAgA0EZNgIMDKsDCyADIAMpAyAiDCAEIAFrrSIKfSILQgAgCyAMWBs3AyAgCiAMWg0YQQghAgyqAwsgASAERwRAIANBCTYCCCADIAE2AgRBFCECDJEDC0EJIQIMqQMLIAMpAyBQDa4CDEMLIAEgBEYEQEELIQIMqAMLIAEtAABBCkcNFiABQQFqIQEMFwsgA0Evai0AAEEBcUUNGQwmC0EAIQACQCADKAI4IgJFDQAgAigCUCICRQ0AIAMgAhEAACEACyAADRkMQgtBACEAAkAgAygCOCICRQ0AIAIoAlAiAkUNACADIAIRAAAhAAsgAA0aDCQLQQAhAAJAIAMoAjgiAkUNACACKAJQIgJFDQAgAyACEQAAIQALIAANGwwyCyADQS9qLQAAQQFxRQ0cDCILQQAhAAJAIAMoAjgiAkUNACACKAJUIgJFDQAgAyACEQAAIQALIAANHAxCC0EAIQACQCADKAI4IgJFDQAgAigCVCICRQ0AIAMgAhEAACEACyAADR0MIAsgASAERgRAQRMhAgygAwsCQCABLQAAIgBBCmsOBB8jIwAiCyABQQFqIQEMHwtBACEAAkAgAygCOCICRQ0AIAIoAlQiAkUNACADIAIRAAAhAAsgAA0iDEILIAEgBEYEQEEWIQIMngMLIAEtAABBwMEAai0AAEEBRw0jDIMDCwJAA0AgAS0AAEGwO2otAAAiAEEBRwRAAkAgAEECaw4CAwAnCyABQQFqIQFBISECDIYDCyAEIAFBAWoiAUcNAAtBGCECDJ0DCyADKAIEIQBBACECIANBADYCBCADIAAgAUEBaiIBEDQiAA0hDEELQQAhAAJAIAMoAjgiAkUNACACKAJUIgJFDQAgAyACEQAAIQALIAANIwwqCyABIARGBEBBHCECDJsDCyADQQo2AgggAyABNgIEQQAhAAJAIAMoAjgiAkUNACACKAJQIgJFDQAgAyACEQAAIQALIAANJUEkIQIMgQMLIAEgBEcEQANAIAEtAABBsD1qLQAAIgBBA0cEQCAAQQFrDgUYGiaCAyUmCyAEIAFBAWoiAUcNAAtBGyECDJoDC0EbIQIMmQMLA0AgAS0AAEGwP2otAAAiAEEDRwRAIABBAWsOBQ8RJxMmJwsgBCABQQFqIgFHDQALQR4hAgyYAwsgASAERwRAIANBCzYCCCADIAE2AgRBByECDP8CC0EfIQIMlwMLIAEgBEYEQEEgIQIMlwMLAkAgAS0AAEENaw4ULj8/Pz8/Pz8/Pz8/Pz8/Pz8/PwA/C0EAIQIgA0EANgIcIANBvws2AhAgA0ECNgIMIAMgAUEBajYCFAyWAwsgA0EvaiECA0AgASAERgRAQSEhAgyXAwsCQAJAAkAgAS0AACIAQQlrDhgCACkpASkpKSkpKSkpKSkpKSkpKSkpKQInCyABQQFqIQEgA0Evai0AAEEBcUUNCgwYCyABQQFqIQEMFwsgAUEBaiEBIAItAABBAnENAAtBACECIANBADYCHCADIAE2AhQgA0GfFTYCECADQQw2AgwMlQMLIAMtAC5BgAFxRQ0BC0EAIQACQCADKAI4IgJFDQAgAigCXCICRQ0AIAMgAhEAACEACyAARQ3mAiAAQRVGBEAgA0EkNgIcIAMgATYCFCADQZsbNgIQIANBFTYCDEEAIQIMlAMLQQAhAiADQQA2AhwgAyABNgIUIANBkA42AhAgA0EUNgIMDJMDC0EAIQIgA0EANgIcIAMgATYCFCADQb4gNgIQIANBAjYCDAySAwsgAygCBCEAQQAhAiADQQA2AgQgAyAAIAEgDKdqIgEQMiIARQ0rIANBBzYCHCADIAE2AhQgAyAANgIMDJEDCyADLQAuQcAAcUUNAQtBACEAAkAgAygCOCICRQ0AIAIoAlgiAkUNACADIAIRAAAhAAsgAEUNKyAAQRVGBEAgA0EKNgIcIAMgATYCFCADQesZNgIQIANBFTYCDEEAIQIMkAMLQQAhAiADQQA2AhwgAyABNgIUIANBkww2AhAgA0ETNgIMDI8DC0EAIQIgA0EANgIcIAMgATYCFCADQYIVNgIQIANBAjYCDAyOAwtBACECIANBADYCHCADIAE2AhQgA0HdFDYCECADQRk2AgwMjQMLQQAhAiADQQA2AhwgAyABNgIUIANB5h02AhAgA0EZNgIMDIwDCyAAQRVGDT1BACECIANBADYCHCADIAE2AhQgA0HQDzYCECADQSI2AgwMiwMLIAMoAgQhAEEAIQIgA0EANgIEIAMgACABEDMiAEUNKCADQQ02AhwgAyABNgIUIAMgADYCDAyKAwsgAEEVRg06QQAhAiADQQA2AhwgAyABNgIUIANB0A82AhAgA0EiNgIMDIkDCyADKAIEIQBBACECIANBADYCBCADIAAgARAzIgBFBEAgAUEBaiEBDCgLIANBDjYCHCADIAA2AgwgAyABQQFqNgIUDIgDCyAAQRVGDTdBACECIANBADYCHCADIAE2AhQgA0HQDzYCECADQSI2AgwMhwMLIAMoAgQhAEEAIQIgA0EANgIEIAMgACABEDMiAEUEQCABQQFqIQEMJwsgA0EPNgIcIAMgADYCDCADIAFBAWo2AhQMhgMLQQAhAiADQQA2AhwgAyABNgIUIANB4hc2AhAgA0EZNgIMDIUDCyAAQRVGDTNBACECIANBADYCHCADIAE2AhQgA0HWDDYCECADQSM2AgwMhAMLIAMoAgQhAEEAIQIgA0EANgIEIAMgACABEDQiAEUNJSADQRE2AhwgAyABNgIUIAMgADYCDAyDAwsgAEEVRg0wQQAhAiADQQA2AhwgAyABNgIUIANB1gw2AhAgA0EjNgIMDIIDCyADKAIEIQBBACECIANBADYCBCADIAAgARA0IgBFBEAgAUEBaiEBDCULIANBEjYCHCADIAA2AgwgAyABQQFqNgIUDIEDCyADQS9qLQAAQQFxRQ0BC0EXIQIM5gILQQAhAiADQQA2AhwgAyABNgIUIANB4hc2AhAgA0EZNgIMDP4CCyAAQTtHDQAgAUEBaiEBDAwLQQAhAiADQQA2AhwgAyABNgIUIANBkhg2AhAgA0ECNgIMDPwCCyAAQRVGDShBACECIANBADYCHCADIAE2AhQgA0HWDDYCECADQSM2AgwM+wILIANBFDYCHCADIAE2AhQgAyAANgIMDPoCCyADKAIEIQBBACECIANBADYCBCADIAAgARA0IgBFBEAgAUEBaiEBDPUCCyADQRU2AhwgAyAANgIMIAMgAUEBajYCFAz5AgsgAygCBCEAQQAhAiADQQA2AgQgAyAAIAEQNCIARQRAIAFBAWohAQzzAgsgA0EXNgIcIAMgADYCDCADIAFBAWo2AhQM+AILIABBFUYNI0EAIQIgA0EANgIcIAMgATYCFCADQdYMNgIQIANBIzYCDAz3AgsgAygCBCEAQQAhAiADQQA2AgQgAyAAIAEQNCIARQRAIAFBAWohAQwdCyADQRk2AhwgAyAANgIMIAMgAUEBajYCFAz2AgsgAygCBCEAQQAhAiADQQA2AgQgAyAAIAEQNCIARQRAIAFBAWohAQzvAgsgA0EaNgIcIAMgADYCDCADIAFBAWo2AhQM9QILIABBFUYNH0EAIQIgA0EANgIcIAMgATYCFCADQdAPNgIQIANBIjYCDAz0AgsgAygCBCEAIANBADYCBCADIAAgARAzIgBFBEAgAUEBaiEBDBsLIANBHDYCHCADIAA2AgwgAyABQQFqNgIUQQAhAgzzAgsgAygCBCEAIANBADYCBCADIAAgARAzIgBFBEAgAUEBaiEBDOsCCyADQR02AhwgAyAANgIMIAMgAUEBajYCFEEAIQIM8gILIABBO0cNASABQQFqIQELQSYhAgzXAgtBACECIANBADYCHCADIAE2AhQgA0GfFTYCECADQQw2AgwM7wILIAEgBEcEQANAIAEtAABBIEcNhAIgBCABQQFqIgFHDQALQSwhAgzvAgtBLCECDO4CCyABIARGBEBBNCECDO4CCwJAAkADQAJAIAEtAABBCmsOBAIAAAMACyAEIAFBAWoiAUcNAAtBNCECDO8CCyADKAIEIQAgA0EANgIEIAMgACABEDEiAEUNnwIgA0EyNgIcIAMgATYCFCADIAA2AgxBACECDO4CCyADKAIEIQAgA0EANgIEIAMgACABEDEiAEUEQCABQQFqIQEMnwILIANBMjYCHCADIAA2AgwgAyABQQFqNgIUQQAhAgztAgsgASAERwRAAkADQCABLQAAQTBrIgBB/wFxQQpPBEBBOiECDNcCCyADKQMgIgtCmbPmzJmz5swZVg0BIAMgC0IKfiIKNwMgIAogAK1C/wGDIgtCf4VWDQEgAyAKIAt8NwMgIAQgAUEBaiIBRw0AC0HAACECDO4CCyADKAIEIQAgA0EANgIEIAMgACABQQFqIgEQMSIADRcM4gILQcAAIQIM7AILIAEgBEYEQEHJACECDOwCCwJAA0ACQCABLQAAQQlrDhgAAqICogKpAqICogKiAqICogKiAqICogKiAqICogKiAqICogKiAqICogKiAgCiAgsgBCABQQFqIgFHDQALQckAIQIM7AILIAFBAWohASADQS9qLQAAQQFxDaUCIANBADYCHCADIAE2AhQgA0GXEDYCECADQQo2AgxBACECDOsCCyABIARHBEADQCABLQAAQSBHDRUgBCABQQFqIgFHDQALQfgAIQIM6wILQfgAIQIM6gILIANBAjoAKAw4C0EAIQIgA0EANgIcIANBvws2AhAgA0ECNgIMIAMgAUEBajYCFAzoAgtBACECDM4CC0ENIQIMzQILQRMhAgzMAgtBFSECDMsCC0EWIQIMygILQRghAgzJAgtBGSECDMgCC0EaIQIMxwILQRshAgzGAgtBHCECDMUCC0EdIQIMxAILQR4hAgzDAgtBHyECDMICC0EgIQIMwQILQSIhAgzAAgtBIyECDL8CC0ElIQIMvgILQeUAIQIMvQILIANBPTYCHCADIAE2AhQgAyAANgIMQQAhAgzVAgsgA0EbNgIcIAMgATYCFCADQaQcNgIQIANBFTYCDEEAIQIM1AILIANBIDYCHCADIAE2AhQgA0GYGjYCECADQRU2AgxBACECDNMCCyADQRM2AhwgAyABNgIUIANBmBo2AhAgA0EVNgIMQQAhAgzSAgsgA0ELNgIcIAMgATYCFCADQZgaNgIQIANBFTYCDEEAIQIM0QILIANBEDYCHCADIAE2AhQgA0GYGjYCECADQRU2AgxBACECDNACCyADQSA2AhwgAyABNgIUIANBpBw2AhAgA0EVNgIMQQAhAgzPAgsgA0ELNgIcIAMgATYCFCADQaQcNgIQIANBFTYCDEEAIQIMzgILIANBDDYCHCADIAE2AhQgA0GkHDYCECADQRU2AgxBACECDM0CC0EAIQIgA0EANgIcIAMgATYCFCADQd0ONgIQIANBEjYCDAzMAgsCQANAAkAgAS0AAEEKaw4EAAICAAILIAQgAUEBaiIBRw0AC0H9ASECDMwCCwJAAkAgAy0ANkEBRw0AQQAhAAJAIAMoAjgiAkUNACACKAJgIgJFDQAgAyACEQAAIQALIABFDQAgAEEVRw0BIANB/AE2AhwgAyABNgIUIANB3Bk2AhAgA0EVNgIMQQAhAgzNAgtB3AEhAgyzAgsgA0EANgIcIAMgATYCFCADQfkLNgIQIANBHzYCDEEAIQIMywILAkACQCADLQAoQQFrDgIEAQALQdsBIQIMsgILQdQBIQIMsQILIANBAjoAMUEAIQACQCADKAI4IgJFDQAgAigCACICRQ0AIAMgAhEAACEACyAARQRAQd0BIQIMsQILIABBFUcEQCADQQA2AhwgAyABNgIUIANBtAw2AhAgA0EQNgIMQQAhAgzKAgsgA0H7ATYCHCADIAE2AhQgA0GBGjYCECADQRU2AgxBACECDMkCCyABIARGBEBB+gEhAgzJAgsgAS0AAEHIAEYNASADQQE6ACgLQcABIQIMrgILQdoBIQIMrQILIAEgBEcEQCADQQw2AgggAyABNgIEQdkBIQIMrQILQfkBIQIMxQILIAEgBEYEQEH4ASECDMUCCyABLQAAQcgARw0EIAFBAWohAUHYASECDKsCCyABIARGBEBB9wEhAgzEAgsCQAJAIAEtAABBxQBrDhAABQUFBQUFBQUFBQUFBQUBBQsgAUEBaiEBQdYBIQIMqwILIAFBAWohAUHXASECDKoCC0H2ASECIAEgBEYNwgIgAygCACIAIAQgAWtqIQUgASAAa0ECaiEGAkADQCABLQAAIABButUAai0AAEcNAyAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMwwILIAMoAgQhACADQgA3AwAgAyAAIAZBAWoiARAuIgBFBEBB4wEhAgyqAgsgA0H1ATYCHCADIAE2AhQgAyAANgIMQQAhAgzCAgtB9AEhAiABIARGDcECIAMoAgAiACAEIAFraiEFIAEgAGtBAWohBgJAA0AgAS0AACAAQbjVAGotAABHDQIgAEEBRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADMICCyADQYEEOwEoIAMoAgQhACADQgA3AwAgAyAAIAZBAWoiARAuIgANAwwCCyADQQA2AgALQQAhAiADQQA2AhwgAyABNgIUIANB5R82AhAgA0EINgIMDL8CC0HVASECDKUCCyADQfMBNgIcIAMgATYCFCADIAA2AgxBACECDL0CC0EAIQACQCADKAI4IgJFDQAgAigCQCICRQ0AIAMgAhEAACEACyAARQ1uIABBFUcEQCADQQA2AhwgAyABNgIUIANBgg82AhAgA0EgNgIMQQAhAgy9AgsgA0GPATYCHCADIAE2AhQgA0HsGzYCECADQRU2AgxBACECDLwCCyABIARHBEAgA0ENNgIIIAMgATYCBEHTASECDKMCC0HyASECDLsCCyABIARGBEBB8QEhAgy7AgsCQAJAAkAgAS0AAEHIAGsOCwABCAgICAgICAgCCAsgAUEBaiEBQdABIQIMowILIAFBAWohAUHRASECDKICCyABQQFqIQFB0gEhAgyhAgtB8AEhAiABIARGDbkCIAMoAgAiACAEIAFraiEGIAEgAGtBAmohBQNAIAEtAAAgAEG11QBqLQAARw0EIABBAkYNAyAAQQFqIQAgBCABQQFqIgFHDQALIAMgBjYCAAy5AgtB7wEhAiABIARGDbgCIAMoAgAiACAEIAFraiEGIAEgAGtBAWohBQNAIAEtAAAgAEGz1QBqLQAARw0DIABBAUYNAiAAQQFqIQAgBCABQQFqIgFHDQALIAMgBjYCAAy4AgtB7gEhAiABIARGDbcCIAMoAgAiACAEIAFraiEGIAEgAGtBAmohBQNAIAEtAAAgAEGw1QBqLQAARw0CIABBAkYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBjYCAAy3AgsgAygCBCEAIANCADcDACADIAAgBUEBaiIBECsiAEUNAiADQewBNgIcIAMgATYCFCADIAA2AgxBACECDLYCCyADQQA2AgALIAMoAgQhACADQQA2AgQgAyAAIAEQKyIARQ2cAiADQe0BNgIcIAMgATYCFCADIAA2AgxBACECDLQCC0HPASECDJoCC0EAIQACQCADKAI4IgJFDQAgAigCNCICRQ0AIAMgAhEAACEACwJAIAAEQCAAQRVGDQEgA0EANgIcIAMgATYCFCADQeoNNgIQIANBJjYCDEEAIQIMtAILQc4BIQIMmgILIANB6wE2AhwgAyABNgIUIANBgBs2AhAgA0EVNgIMQQAhAgyyAgsgASAERgRAQesBIQIMsgILIAEtAABBL0YEQCABQQFqIQEMAQsgA0EANgIcIAMgATYCFCADQbI4NgIQIANBCDYCDEEAIQIMsQILQc0BIQIMlwILIAEgBEcEQCADQQ42AgggAyABNgIEQcwBIQIMlwILQeoBIQIMrwILIAEgBEYEQEHpASECDK8CCyABLQAAQTBrIgBB/wFxQQpJBEAgAyAAOgAqIAFBAWohAUHLASECDJYCCyADKAIEIQAgA0EANgIEIAMgACABEC8iAEUNlwIgA0HoATYCHCADIAE2AhQgAyAANgIMQQAhAgyuAgsgASAERgRAQecBIQIMrgILAkAgAS0AAEEuRgRAIAFBAWohAQwBCyADKAIEIQAgA0EANgIEIAMgACABEC8iAEUNmAIgA0HmATYCHCADIAE2AhQgAyAANgIMQQAhAgyuAgtBygEhAgyUAgsgASAERgRAQeUBIQIMrQILQQAhAEEBIQVBASEHQQAhAgJAAkACQAJAAkACfwJAAkACQAJAAkACQAJAIAEtAABBMGsOCgoJAAECAwQFBggLC0ECDAYLQQMMBQtBBAwEC0EFDAMLQQYMAgtBBwwBC0EICyECQQAhBUEAIQcMAgtBCSECQQEhAEEAIQVBACEHDAELQQAhBUEBIQILIAMgAjoAKyABQQFqIQECQAJAIAMtAC5BEHENAAJAAkACQCADLQAqDgMBAAIECyAHRQ0DDAILIAANAQwCCyAFRQ0BCyADKAIEIQAgA0EANgIEIAMgACABEC8iAEUNAiADQeIBNgIcIAMgATYCFCADIAA2AgxBACECDK8CCyADKAIEIQAgA0EANgIEIAMgACABEC8iAEUNmgIgA0HjATYCHCADIAE2AhQgAyAANgIMQQAhAgyuAgsgAygCBCEAIANBADYCBCADIAAgARAvIgBFDZgCIANB5AE2AhwgAyABNgIUIAMgADYCDAytAgtByQEhAgyTAgtBACEAAkAgAygCOCICRQ0AIAIoAkQiAkUNACADIAIRAAAhAAsCQCAABEAgAEEVRg0BIANBADYCHCADIAE2AhQgA0GkDTYCECADQSE2AgxBACECDK0CC0HIASECDJMCCyADQeEBNgIcIAMgATYCFCADQdAaNgIQIANBFTYCDEEAIQIMqwILIAEgBEYEQEHhASECDKsCCwJAIAEtAABBIEYEQCADQQA7ATQgAUEBaiEBDAELIANBADYCHCADIAE2AhQgA0GZETYCECADQQk2AgxBACECDKsCC0HHASECDJECCyABIARGBEBB4AEhAgyqAgsCQCABLQAAQTBrQf8BcSICQQpJBEAgAUEBaiEBAkAgAy8BNCIAQZkzSw0AIAMgAEEKbCIAOwE0IABB/v8DcSACQf//A3NLDQAgAyAAIAJqOwE0DAILQQAhAiADQQA2AhwgAyABNgIUIANBlR42AhAgA0ENNgIMDKsCCyADQQA2AhwgAyABNgIUIANBlR42AhAgA0ENNgIMQQAhAgyqAgtBxgEhAgyQAgsgASAERgRAQd8BIQIMqQILAkAgAS0AAEEwa0H/AXEiAkEKSQRAIAFBAWohAQJAIAMvATQiAEGZM0sNACADIABBCmwiADsBNCAAQf7/A3EgAkH//wNzSw0AIAMgACACajsBNAwCC0EAIQIgA0EANgIcIAMgATYCFCADQZUeNgIQIANBDTYCDAyqAgsgA0EANgIcIAMgATYCFCADQZUeNgIQIANBDTYCDEEAIQIMqQILQcUBIQIMjwILIAEgBEYEQEHeASECDKgCCwJAIAEtAABBMGtB/wFxIgJBCkkEQCABQQFqIQECQCADLwE0IgBBmTNLDQAgAyAAQQpsIgA7ATQgAEH+/wNxIAJB//8Dc0sNACADIAAgAmo7ATQMAgtBACECIANBADYCHCADIAE2AhQgA0GVHjYCECADQQ02AgwMqQILIANBADYCHCADIAE2AhQgA0GVHjYCECADQQ02AgxBACECDKgCC0HEASECDI4CCyABIARGBEBB3QEhAgynAgsCQAJAAkACQCABLQAAQQprDhcCAwMAAwMDAwMDAwMDAwMDAwMDAwMDAQMLIAFBAWoMBQsgAUEBaiEBQcMBIQIMjwILIAFBAWohASADQS9qLQAAQQFxDQggA0EANgIcIAMgATYCFCADQY0LNgIQIANBDTYCDEEAIQIMpwILIANBADYCHCADIAE2AhQgA0GNCzYCECADQQ02AgxBACECDKYCCyABIARHBEAgA0EPNgIIIAMgATYCBEEBIQIMjQILQdwBIQIMpQILAkACQANAAkAgAS0AAEEKaw4EAgAAAwALIAQgAUEBaiIBRw0AC0HbASECDKYCCyADKAIEIQAgA0EANgIEIAMgACABEC0iAEUEQCABQQFqIQEMBAsgA0HaATYCHCADIAA2AgwgAyABQQFqNgIUQQAhAgylAgsgAygCBCEAIANBADYCBCADIAAgARAtIgANASABQQFqCyEBQcEBIQIMigILIANB2QE2AhwgAyAANgIMIAMgAUEBajYCFEEAIQIMogILQcIBIQIMiAILIANBL2otAABBAXENASADQQA2AhwgAyABNgIUIANB5Bw2AhAgA0EZNgIMQQAhAgygAgsgASAERgRAQdkBIQIMoAILAkACQAJAIAEtAABBCmsOBAECAgACCyABQQFqIQEMAgsgAUEBaiEBDAELIAMtAC5BwABxRQ0BC0EAIQACQCADKAI4IgJFDQAgAigCPCICRQ0AIAMgAhEAACEACyAARQ2gASAAQRVGBEAgA0HZADYCHCADIAE2AhQgA0G3GjYCECADQRU2AgxBACECDJ8CCyADQQA2AhwgAyABNgIUIANBgA02AhAgA0EbNgIMQQAhAgyeAgsgA0EANgIcIAMgATYCFCADQdwoNgIQIANBAjYCDEEAIQIMnQILIAEgBEcEQCADQQw2AgggAyABNgIEQb8BIQIMhAILQdgBIQIMnAILIAEgBEYEQEHXASECDJwCCwJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkAgAS0AAEHBAGsOFQABAgNaBAUGWlpaBwgJCgsMDQ4PEFoLIAFBAWohAUH7ACECDJICCyABQQFqIQFB/AAhAgyRAgsgAUEBaiEBQYEBIQIMkAILIAFBAWohAUGFASECDI8CCyABQQFqIQFBhgEhAgyOAgsgAUEBaiEBQYkBIQIMjQILIAFBAWohAUGKASECDIwCCyABQQFqIQFBjQEhAgyLAgsgAUEBaiEBQZYBIQIMigILIAFBAWohAUGXASECDIkCCyABQQFqIQFBmAEhAgyIAgsgAUEBaiEBQaUBIQIMhwILIAFBAWohAUGmASECDIYCCyABQQFqIQFBrAEhAgyFAgsgAUEBaiEBQbQBIQIMhAILIAFBAWohAUG3ASECDIMCCyABQQFqIQFBvgEhAgyCAgsgASAERgRAQdYBIQIMmwILIAEtAABBzgBHDUggAUEBaiEBQb0BIQIMgQILIAEgBEYEQEHVASECDJoCCwJAAkACQCABLQAAQcIAaw4SAEpKSkpKSkpKSgFKSkpKSkoCSgsgAUEBaiEBQbgBIQIMggILIAFBAWohAUG7ASECDIECCyABQQFqIQFBvAEhAgyAAgtB1AEhAiABIARGDZgCIAMoAgAiACAEIAFraiEFIAEgAGtBB2ohBgJAA0AgAS0AACAAQajVAGotAABHDUUgAEEHRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADJkCCyADQQA2AgAgBkEBaiEBQRsMRQsgASAERgRAQdMBIQIMmAILAkACQCABLQAAQckAaw4HAEdHR0dHAUcLIAFBAWohAUG5ASECDP8BCyABQQFqIQFBugEhAgz+AQtB0gEhAiABIARGDZYCIAMoAgAiACAEIAFraiEFIAEgAGtBAWohBgJAA0AgAS0AACAAQabVAGotAABHDUMgAEEBRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADJcCCyADQQA2AgAgBkEBaiEBQQ8MQwtB0QEhAiABIARGDZUCIAMoAgAiACAEIAFraiEFIAEgAGtBAWohBgJAA0AgAS0AACAAQaTVAGotAABHDUIgAEEBRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADJYCCyADQQA2AgAgBkEBaiEBQSAMQgtB0AEhAiABIARGDZQCIAMoAgAiACAEIAFraiEFIAEgAGtBAmohBgJAA0AgAS0AACAAQaHVAGotAABHDUEgAEECRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADJUCCyADQQA2AgAgBkEBaiEBQRIMQQsgASAERgRAQc8BIQIMlAILAkACQCABLQAAQcUAaw4OAENDQ0NDQ0NDQ0NDQwFDCyABQQFqIQFBtQEhAgz7AQsgAUEBaiEBQbYBIQIM+gELQc4BIQIgASAERg2SAiADKAIAIgAgBCABa2ohBSABIABrQQJqIQYCQANAIAEtAAAgAEGe1QBqLQAARw0/IABBAkYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAyTAgsgA0EANgIAIAZBAWohAUEHDD8LQc0BIQIgASAERg2RAiADKAIAIgAgBCABa2ohBSABIABrQQVqIQYCQANAIAEtAAAgAEGY1QBqLQAARw0+IABBBUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAySAgsgA0EANgIAIAZBAWohAUEoDD4LIAEgBEYEQEHMASECDJECCwJAAkACQCABLQAAQcUAaw4RAEFBQUFBQUFBQQFBQUFBQQJBCyABQQFqIQFBsQEhAgz5AQsgAUEBaiEBQbIBIQIM+AELIAFBAWohAUGzASECDPcBC0HLASECIAEgBEYNjwIgAygCACIAIAQgAWtqIQUgASAAa0EGaiEGAkADQCABLQAAIABBkdUAai0AAEcNPCAAQQZGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMkAILIANBADYCACAGQQFqIQFBGgw8C0HKASECIAEgBEYNjgIgAygCACIAIAQgAWtqIQUgASAAa0EDaiEGAkADQCABLQAAIABBjdUAai0AAEcNOyAAQQNGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMjwILIANBADYCACAGQQFqIQFBIQw7CyABIARGBEBByQEhAgyOAgsCQAJAIAEtAABBwQBrDhQAPT09PT09PT09PT09PT09PT09AT0LIAFBAWohAUGtASECDPUBCyABQQFqIQFBsAEhAgz0AQsgASAERgRAQcgBIQIMjQILAkACQCABLQAAQdUAaw4LADw8PDw8PDw8PAE8CyABQQFqIQFBrgEhAgz0AQsgAUEBaiEBQa8BIQIM8wELQccBIQIgASAERg2LAiADKAIAIgAgBCABa2ohBSABIABrQQhqIQYCQANAIAEtAAAgAEGE1QBqLQAARw04IABBCEYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAyMAgsgA0EANgIAIAZBAWohAUEqDDgLIAEgBEYEQEHGASECDIsCCyABLQAAQdAARw04IAFBAWohAUElDDcLQcUBIQIgASAERg2JAiADKAIAIgAgBCABa2ohBSABIABrQQJqIQYCQANAIAEtAAAgAEGB1QBqLQAARw02IABBAkYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAyKAgsgA0EANgIAIAZBAWohAUEODDYLIAEgBEYEQEHEASECDIkCCyABLQAAQcUARw02IAFBAWohAUGrASECDO8BCyABIARGBEBBwwEhAgyIAgsCQAJAAkACQCABLQAAQcIAaw4PAAECOTk5OTk5OTk5OTkDOQsgAUEBaiEBQacBIQIM8QELIAFBAWohAUGoASECDPABCyABQQFqIQFBqQEhAgzvAQsgAUEBaiEBQaoBIQIM7gELQcIBIQIgASAERg2GAiADKAIAIgAgBCABa2ohBSABIABrQQJqIQYCQANAIAEtAAAgAEH+1ABqLQAARw0zIABBAkYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAyHAgsgA0EANgIAIAZBAWohAUEUDDMLQcEBIQIgASAERg2FAiADKAIAIgAgBCABa2ohBSABIABrQQRqIQYCQANAIAEtAAAgAEH51ABqLQAARw0yIABBBEYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAyGAgsgA0EANgIAIAZBAWohAUErDDILQcABIQIgASAERg2EAiADKAIAIgAgBCABa2ohBSABIABrQQJqIQYCQANAIAEtAAAgAEH21ABqLQAARw0xIABBAkYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAyFAgsgA0EANgIAIAZBAWohAUEsDDELQb8BIQIgASAERg2DAiADKAIAIgAgBCABa2ohBSABIABrQQJqIQYCQANAIAEtAAAgAEGh1QBqLQAARw0wIABBAkYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAyEAgsgA0EANgIAIAZBAWohAUERDDALQb4BIQIgASAERg2CAiADKAIAIgAgBCABa2ohBSABIABrQQNqIQYCQANAIAEtAAAgAEHy1ABqLQAARw0vIABBA0YNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAyDAgsgA0EANgIAIAZBAWohAUEuDC8LIAEgBEYEQEG9ASECDIICCwJAAkACQAJAAkAgAS0AAEHBAGsOFQA0NDQ0NDQ0NDQ0ATQ0AjQ0AzQ0BDQLIAFBAWohAUGbASECDOwBCyABQQFqIQFBnAEhAgzrAQsgAUEBaiEBQZ0BIQIM6gELIAFBAWohAUGiASECDOkBCyABQQFqIQFBpAEhAgzoAQsgASAERgRAQbwBIQIMgQILAkACQCABLQAAQdIAaw4DADABMAsgAUEBaiEBQaMBIQIM6AELIAFBAWohAUEEDC0LQbsBIQIgASAERg3/ASADKAIAIgAgBCABa2ohBSABIABrQQFqIQYCQANAIAEtAAAgAEHw1ABqLQAARw0sIABBAUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAyAAgsgA0EANgIAIAZBAWohAUEdDCwLIAEgBEYEQEG6ASECDP8BCwJAAkAgAS0AAEHJAGsOBwEuLi4uLgAuCyABQQFqIQFBoQEhAgzmAQsgAUEBaiEBQSIMKwsgASAERgRAQbkBIQIM/gELIAEtAABB0ABHDSsgAUEBaiEBQaABIQIM5AELIAEgBEYEQEG4ASECDP0BCwJAAkAgAS0AAEHGAGsOCwAsLCwsLCwsLCwBLAsgAUEBaiEBQZ4BIQIM5AELIAFBAWohAUGfASECDOMBC0G3ASECIAEgBEYN+wEgAygCACIAIAQgAWtqIQUgASAAa0EDaiEGAkADQCABLQAAIABB7NQAai0AAEcNKCAAQQNGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM/AELIANBADYCACAGQQFqIQFBDQwoC0G2ASECIAEgBEYN+gEgAygCACIAIAQgAWtqIQUgASAAa0ECaiEGAkADQCABLQAAIABBodUAai0AAEcNJyAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM+wELIANBADYCACAGQQFqIQFBDAwnC0G1ASECIAEgBEYN+QEgAygCACIAIAQgAWtqIQUgASAAa0EBaiEGAkADQCABLQAAIABB6tQAai0AAEcNJiAAQQFGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM+gELIANBADYCACAGQQFqIQFBAwwmC0G0ASECIAEgBEYN+AEgAygCACIAIAQgAWtqIQUgASAAa0EBaiEGAkADQCABLQAAIABB6NQAai0AAEcNJSAAQQFGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM+QELIANBADYCACAGQQFqIQFBJgwlCyABIARGBEBBswEhAgz4AQsCQAJAIAEtAABB1ABrDgIAAScLIAFBAWohAUGZASECDN8BCyABQQFqIQFBmgEhAgzeAQtBsgEhAiABIARGDfYBIAMoAgAiACAEIAFraiEFIAEgAGtBAWohBgJAA0AgAS0AACAAQebUAGotAABHDSMgAEEBRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADPcBCyADQQA2AgAgBkEBaiEBQScMIwtBsQEhAiABIARGDfUBIAMoAgAiACAEIAFraiEFIAEgAGtBAWohBgJAA0AgAS0AACAAQeTUAGotAABHDSIgAEEBRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADPYBCyADQQA2AgAgBkEBaiEBQRwMIgtBsAEhAiABIARGDfQBIAMoAgAiACAEIAFraiEFIAEgAGtBBWohBgJAA0AgAS0AACAAQd7UAGotAABHDSEgAEEFRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADPUBCyADQQA2AgAgBkEBaiEBQQYMIQtBrwEhAiABIARGDfMBIAMoAgAiACAEIAFraiEFIAEgAGtBBGohBgJAA0AgAS0AACAAQdnUAGotAABHDSAgAEEERg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADPQBCyADQQA2AgAgBkEBaiEBQRkMIAsgASAERgRAQa4BIQIM8wELAkACQAJAAkAgAS0AAEEtaw4jACQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkASQkJCQkAiQkJAMkCyABQQFqIQFBjgEhAgzcAQsgAUEBaiEBQY8BIQIM2wELIAFBAWohAUGUASECDNoBCyABQQFqIQFBlQEhAgzZAQtBrQEhAiABIARGDfEBIAMoAgAiACAEIAFraiEFIAEgAGtBAWohBgJAA0AgAS0AACAAQdfUAGotAABHDR4gAEEBRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADPIBCyADQQA2AgAgBkEBaiEBQQsMHgsgASAERgRAQawBIQIM8QELAkACQCABLQAAQcEAaw4DACABIAsgAUEBaiEBQZABIQIM2AELIAFBAWohAUGTASECDNcBCyABIARGBEBBqwEhAgzwAQsCQAJAIAEtAABBwQBrDg8AHx8fHx8fHx8fHx8fHwEfCyABQQFqIQFBkQEhAgzXAQsgAUEBaiEBQZIBIQIM1gELIAEgBEYEQEGqASECDO8BCyABLQAAQcwARw0cIAFBAWohAUEKDBsLQakBIQIgASAERg3tASADKAIAIgAgBCABa2ohBSABIABrQQVqIQYCQANAIAEtAAAgAEHR1ABqLQAARw0aIABBBUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzuAQsgA0EANgIAIAZBAWohAUEeDBoLQagBIQIgASAERg3sASADKAIAIgAgBCABa2ohBSABIABrQQZqIQYCQANAIAEtAAAgAEHK1ABqLQAARw0ZIABBBkYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAztAQsgA0EANgIAIAZBAWohAUEVDBkLQacBIQIgASAERg3rASADKAIAIgAgBCABa2ohBSABIABrQQJqIQYCQANAIAEtAAAgAEHH1ABqLQAARw0YIABBAkYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzsAQsgA0EANgIAIAZBAWohAUEXDBgLQaYBIQIgASAERg3qASADKAIAIgAgBCABa2ohBSABIABrQQVqIQYCQANAIAEtAAAgAEHB1ABqLQAARw0XIABBBUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzrAQsgA0EANgIAIAZBAWohAUEYDBcLIAEgBEYEQEGlASECDOoBCwJAAkAgAS0AAEHJAGsOBwAZGRkZGQEZCyABQQFqIQFBiwEhAgzRAQsgAUEBaiEBQYwBIQIM0AELQaQBIQIgASAERg3oASADKAIAIgAgBCABa2ohBSABIABrQQFqIQYCQANAIAEtAAAgAEGm1QBqLQAARw0VIABBAUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzpAQsgA0EANgIAIAZBAWohAUEJDBULQaMBIQIgASAERg3nASADKAIAIgAgBCABa2ohBSABIABrQQFqIQYCQANAIAEtAAAgAEGk1QBqLQAARw0UIABBAUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzoAQsgA0EANgIAIAZBAWohAUEfDBQLQaIBIQIgASAERg3mASADKAIAIgAgBCABa2ohBSABIABrQQJqIQYCQANAIAEtAAAgAEG+1ABqLQAARw0TIABBAkYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAznAQsgA0EANgIAIAZBAWohAUECDBMLQaEBIQIgASAERg3lASADKAIAIgAgBCABa2ohBSABIABrQQFqIQYDQCABLQAAIABBvNQAai0AAEcNESAAQQFGDQIgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM5QELIAEgBEYEQEGgASECDOUBC0EBIAEtAABB3wBHDREaIAFBAWohAUGHASECDMsBCyADQQA2AgAgBkEBaiEBQYgBIQIMygELQZ8BIQIgASAERg3iASADKAIAIgAgBCABa2ohBSABIABrQQhqIQYCQANAIAEtAAAgAEGE1QBqLQAARw0PIABBCEYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAzjAQsgA0EANgIAIAZBAWohAUEpDA8LQZ4BIQIgASAERg3hASADKAIAIgAgBCABa2ohBSABIABrQQNqIQYCQANAIAEtAAAgAEG41ABqLQAARw0OIABBA0YNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAziAQsgA0EANgIAIAZBAWohAUEtDA4LIAEgBEYEQEGdASECDOEBCyABLQAAQcUARw0OIAFBAWohAUGEASECDMcBCyABIARGBEBBnAEhAgzgAQsCQAJAIAEtAABBzABrDggADw8PDw8PAQ8LIAFBAWohAUGCASECDMcBCyABQQFqIQFBgwEhAgzGAQtBmwEhAiABIARGDd4BIAMoAgAiACAEIAFraiEFIAEgAGtBBGohBgJAA0AgAS0AACAAQbPUAGotAABHDQsgAEEERg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADN8BCyADQQA2AgAgBkEBaiEBQSMMCwtBmgEhAiABIARGDd0BIAMoAgAiACAEIAFraiEFIAEgAGtBAmohBgJAA0AgAS0AACAAQbDUAGotAABHDQogAEECRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADN4BCyADQQA2AgAgBkEBaiEBQQAMCgsgASAERgRAQZkBIQIM3QELAkACQCABLQAAQcgAaw4IAAwMDAwMDAEMCyABQQFqIQFB/QAhAgzEAQsgAUEBaiEBQYABIQIMwwELIAEgBEYEQEGYASECDNwBCwJAAkAgAS0AAEHOAGsOAwALAQsLIAFBAWohAUH+ACECDMMBCyABQQFqIQFB/wAhAgzCAQsgASAERgRAQZcBIQIM2wELIAEtAABB2QBHDQggAUEBaiEBQQgMBwtBlgEhAiABIARGDdkBIAMoAgAiACAEIAFraiEFIAEgAGtBA2ohBgJAA0AgAS0AACAAQazUAGotAABHDQYgAEEDRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADNoBCyADQQA2AgAgBkEBaiEBQQUMBgtBlQEhAiABIARGDdgBIAMoAgAiACAEIAFraiEFIAEgAGtBBWohBgJAA0AgAS0AACAAQabUAGotAABHDQUgAEEFRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADNkBCyADQQA2AgAgBkEBaiEBQRYMBQtBlAEhAiABIARGDdcBIAMoAgAiACAEIAFraiEFIAEgAGtBAmohBgJAA0AgAS0AACAAQaHVAGotAABHDQQgAEECRg0BIABBAWohACAEIAFBAWoiAUcNAAsgAyAFNgIADNgBCyADQQA2AgAgBkEBaiEBQRAMBAsgASAERgRAQZMBIQIM1wELAkACQCABLQAAQcMAaw4MAAYGBgYGBgYGBgYBBgsgAUEBaiEBQfkAIQIMvgELIAFBAWohAUH6ACECDL0BC0GSASECIAEgBEYN1QEgAygCACIAIAQgAWtqIQUgASAAa0EFaiEGAkADQCABLQAAIABBoNQAai0AAEcNAiAAQQVGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAM1gELIANBADYCACAGQQFqIQFBJAwCCyADQQA2AgAMAgsgASAERgRAQZEBIQIM1AELIAEtAABBzABHDQEgAUEBaiEBQRMLOgApIAMoAgQhACADQQA2AgQgAyAAIAEQLiIADQIMAQtBACECIANBADYCHCADIAE2AhQgA0H+HzYCECADQQY2AgwM0QELQfgAIQIMtwELIANBkAE2AhwgAyABNgIUIAMgADYCDEEAIQIMzwELQQAhAAJAIAMoAjgiAkUNACACKAJAIgJFDQAgAyACEQAAIQALIABFDQAgAEEVRg0BIANBADYCHCADIAE2AhQgA0GCDzYCECADQSA2AgxBACECDM4BC0H3ACECDLQBCyADQY8BNgIcIAMgATYCFCADQewbNgIQIANBFTYCDEEAIQIMzAELIAEgBEYEQEGPASECDMwBCwJAIAEtAABBIEYEQCABQQFqIQEMAQsgA0EANgIcIAMgATYCFCADQZsfNgIQIANBBjYCDEEAIQIMzAELQQIhAgyyAQsDQCABLQAAQSBHDQIgBCABQQFqIgFHDQALQY4BIQIMygELIAEgBEYEQEGNASECDMoBCwJAIAEtAABBCWsOBEoAAEoAC0H1ACECDLABCyADLQApQQVGBEBB9gAhAgywAQtB9AAhAgyvAQsgASAERgRAQYwBIQIMyAELIANBEDYCCCADIAE2AgQMCgsgASAERgRAQYsBIQIMxwELAkAgAS0AAEEJaw4ERwAARwALQfMAIQIMrQELIAEgBEcEQCADQRA2AgggAyABNgIEQfEAIQIMrQELQYoBIQIMxQELAkAgASAERwRAA0AgAS0AAEGg0ABqLQAAIgBBA0cEQAJAIABBAWsOAkkABAtB8AAhAgyvAQsgBCABQQFqIgFHDQALQYgBIQIMxgELQYgBIQIMxQELIANBADYCHCADIAE2AhQgA0HbIDYCECADQQc2AgxBACECDMQBCyABIARGBEBBiQEhAgzEAQsCQAJAAkAgAS0AAEGg0gBqLQAAQQFrDgNGAgABC0HyACECDKwBCyADQQA2AhwgAyABNgIUIANBtBI2AhAgA0EHNgIMQQAhAgzEAQtB6gAhAgyqAQsgASAERwRAIAFBAWohAUHvACECDKoBC0GHASECDMIBCyAEIAEiAEYEQEGGASECDMIBCyAALQAAIgFBL0YEQCAAQQFqIQFB7gAhAgypAQsgAUEJayICQRdLDQEgACEBQQEgAnRBm4CABHENQQwBCyAEIAEiAEYEQEGFASECDMEBCyAALQAAQS9HDQAgAEEBaiEBDAMLQQAhAiADQQA2AhwgAyAANgIUIANB2yA2AhAgA0EHNgIMDL8BCwJAAkACQAJAAkADQCABLQAAQaDOAGotAAAiAEEFRwRAAkACQCAAQQFrDghHBQYHCAAEAQgLQesAIQIMrQELIAFBAWohAUHtACECDKwBCyAEIAFBAWoiAUcNAAtBhAEhAgzDAQsgAUEBagwUCyADKAIEIQAgA0EANgIEIAMgACABECwiAEUNHiADQdsANgIcIAMgATYCFCADIAA2AgxBACECDMEBCyADKAIEIQAgA0EANgIEIAMgACABECwiAEUNHiADQd0ANgIcIAMgATYCFCADIAA2AgxBACECDMABCyADKAIEIQAgA0EANgIEIAMgACABECwiAEUNHiADQfoANgIcIAMgATYCFCADIAA2AgxBACECDL8BCyADQQA2AhwgAyABNgIUIANB+Q82AhAgA0EHNgIMQQAhAgy+AQsgASAERgRAQYMBIQIMvgELAkAgAS0AAEGgzgBqLQAAQQFrDgg+BAUGAAgCAwcLIAFBAWohAQtBAyECDKMBCyABQQFqDA0LQQAhAiADQQA2AhwgA0HREjYCECADQQc2AgwgAyABQQFqNgIUDLoBCyADKAIEIQAgA0EANgIEIAMgACABECwiAEUNFiADQdsANgIcIAMgATYCFCADIAA2AgxBACECDLkBCyADKAIEIQAgA0EANgIEIAMgACABECwiAEUNFiADQd0ANgIcIAMgATYCFCADIAA2AgxBACECDLgBCyADKAIEIQAgA0EANgIEIAMgACABECwiAEUNFiADQfoANgIcIAMgATYCFCADIAA2AgxBACECDLcBCyADQQA2AhwgAyABNgIUIANB+Q82AhAgA0EHNgIMQQAhAgy2AQtB7AAhAgycAQsgASAERgRAQYIBIQIMtQELIAFBAWoMAgsgASAERgRAQYEBIQIMtAELIAFBAWoMAQsgASAERg0BIAFBAWoLIQFBBCECDJgBC0GAASECDLABCwNAIAEtAABBoMwAai0AACIAQQJHBEAgAEEBRwRAQekAIQIMmQELDDELIAQgAUEBaiIBRw0AC0H/ACECDK8BCyABIARGBEBB/gAhAgyvAQsCQCABLQAAQQlrDjcvAwYvBAYGBgYGBgYGBgYGBgYGBgYGBgUGBgIGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYABgsgAUEBagshAUEFIQIMlAELIAFBAWoMBgsgAygCBCEAIANBADYCBCADIAAgARAsIgBFDQggA0HbADYCHCADIAE2AhQgAyAANgIMQQAhAgyrAQsgAygCBCEAIANBADYCBCADIAAgARAsIgBFDQggA0HdADYCHCADIAE2AhQgAyAANgIMQQAhAgyqAQsgAygCBCEAIANBADYCBCADIAAgARAsIgBFDQggA0H6ADYCHCADIAE2AhQgAyAANgIMQQAhAgypAQsgA0EANgIcIAMgATYCFCADQY0UNgIQIANBBzYCDEEAIQIMqAELAkACQAJAAkADQCABLQAAQaDKAGotAAAiAEEFRwRAAkAgAEEBaw4GLgMEBQYABgtB6AAhAgyUAQsgBCABQQFqIgFHDQALQf0AIQIMqwELIAMoAgQhACADQQA2AgQgAyAAIAEQLCIARQ0HIANB2wA2AhwgAyABNgIUIAMgADYCDEEAIQIMqgELIAMoAgQhACADQQA2AgQgAyAAIAEQLCIARQ0HIANB3QA2AhwgAyABNgIUIAMgADYCDEEAIQIMqQELIAMoAgQhACADQQA2AgQgAyAAIAEQLCIARQ0HIANB+gA2AhwgAyABNgIUIAMgADYCDEEAIQIMqAELIANBADYCHCADIAE2AhQgA0HkCDYCECADQQc2AgxBACECDKcBCyABIARGDQEgAUEBagshAUEGIQIMjAELQfwAIQIMpAELAkACQAJAAkADQCABLQAAQaDIAGotAAAiAEEFRwRAIABBAWsOBCkCAwQFCyAEIAFBAWoiAUcNAAtB+wAhAgynAQsgAygCBCEAIANBADYCBCADIAAgARAsIgBFDQMgA0HbADYCHCADIAE2AhQgAyAANgIMQQAhAgymAQsgAygCBCEAIANBADYCBCADIAAgARAsIgBFDQMgA0HdADYCHCADIAE2AhQgAyAANgIMQQAhAgylAQsgAygCBCEAIANBADYCBCADIAAgARAsIgBFDQMgA0H6ADYCHCADIAE2AhQgAyAANgIMQQAhAgykAQsgA0EANgIcIAMgATYCFCADQbwKNgIQIANBBzYCDEEAIQIMowELQc8AIQIMiQELQdEAIQIMiAELQecAIQIMhwELIAEgBEYEQEH6ACECDKABCwJAIAEtAABBCWsOBCAAACAACyABQQFqIQFB5gAhAgyGAQsgASAERgRAQfkAIQIMnwELAkAgAS0AAEEJaw4EHwAAHwALQQAhAAJAIAMoAjgiAkUNACACKAI4IgJFDQAgAyACEQAAIQALIABFBEBB4gEhAgyGAQsgAEEVRwRAIANBADYCHCADIAE2AhQgA0HJDTYCECADQRo2AgxBACECDJ8BCyADQfgANgIcIAMgATYCFCADQeoaNgIQIANBFTYCDEEAIQIMngELIAEgBEcEQCADQQ02AgggAyABNgIEQeQAIQIMhQELQfcAIQIMnQELIAEgBEYEQEH2ACECDJ0BCwJAAkACQCABLQAAQcgAaw4LAAELCwsLCwsLCwILCyABQQFqIQFB3QAhAgyFAQsgAUEBaiEBQeAAIQIMhAELIAFBAWohAUHjACECDIMBC0H1ACECIAEgBEYNmwEgAygCACIAIAQgAWtqIQUgASAAa0ECaiEGAkADQCABLQAAIABBtdUAai0AAEcNCCAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMnAELIAMoAgQhACADQgA3AwAgAyAAIAZBAWoiARArIgAEQCADQfQANgIcIAMgATYCFCADIAA2AgxBACECDJwBC0HiACECDIIBC0EAIQACQCADKAI4IgJFDQAgAigCNCICRQ0AIAMgAhEAACEACwJAIAAEQCAAQRVGDQEgA0EANgIcIAMgATYCFCADQeoNNgIQIANBJjYCDEEAIQIMnAELQeEAIQIMggELIANB8wA2AhwgAyABNgIUIANBgBs2AhAgA0EVNgIMQQAhAgyaAQsgAy0AKSIAQSNrQQtJDQkCQCAAQQZLDQBBASAAdEHKAHFFDQAMCgtBACECIANBADYCHCADIAE2AhQgA0HtCTYCECADQQg2AgwMmQELQfIAIQIgASAERg2YASADKAIAIgAgBCABa2ohBSABIABrQQFqIQYCQANAIAEtAAAgAEGz1QBqLQAARw0FIABBAUYNASAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAyZAQsgAygCBCEAIANCADcDACADIAAgBkEBaiIBECsiAARAIANB8QA2AhwgAyABNgIUIAMgADYCDEEAIQIMmQELQd8AIQIMfwtBACEAAkAgAygCOCICRQ0AIAIoAjQiAkUNACADIAIRAAAhAAsCQCAABEAgAEEVRg0BIANBADYCHCADIAE2AhQgA0HqDTYCECADQSY2AgxBACECDJkBC0HeACECDH8LIANB8AA2AhwgAyABNgIUIANBgBs2AhAgA0EVNgIMQQAhAgyXAQsgAy0AKUEhRg0GIANBADYCHCADIAE2AhQgA0GRCjYCECADQQg2AgxBACECDJYBC0HvACECIAEgBEYNlQEgAygCACIAIAQgAWtqIQUgASAAa0ECaiEGAkADQCABLQAAIABBsNUAai0AAEcNAiAAQQJGDQEgAEEBaiEAIAQgAUEBaiIBRw0ACyADIAU2AgAMlgELIAMoAgQhACADQgA3AwAgAyAAIAZBAWoiARArIgBFDQIgA0HtADYCHCADIAE2AhQgAyAANgIMQQAhAgyVAQsgA0EANgIACyADKAIEIQAgA0EANgIEIAMgACABECsiAEUNgAEgA0HuADYCHCADIAE2AhQgAyAANgIMQQAhAgyTAQtB3AAhAgx5C0EAIQACQCADKAI4IgJFDQAgAigCNCICRQ0AIAMgAhEAACEACwJAIAAEQCAAQRVGDQEgA0EANgIcIAMgATYCFCADQeoNNgIQIANBJjYCDEEAIQIMkwELQdsAIQIMeQsgA0HsADYCHCADIAE2AhQgA0GAGzYCECADQRU2AgxBACECDJEBCyADLQApIgBBI0kNACAAQS5GDQAgA0EANgIcIAMgATYCFCADQckJNgIQIANBCDYCDEEAIQIMkAELQdoAIQIMdgsgASAERgRAQesAIQIMjwELAkAgAS0AAEEvRgRAIAFBAWohAQwBCyADQQA2AhwgAyABNgIUIANBsjg2AhAgA0EINgIMQQAhAgyPAQtB2QAhAgx1CyABIARHBEAgA0EONgIIIAMgATYCBEHYACECDHULQeoAIQIMjQELIAEgBEYEQEHpACECDI0BCyABLQAAQTBrIgBB/wFxQQpJBEAgAyAAOgAqIAFBAWohAUHXACECDHQLIAMoAgQhACADQQA2AgQgAyAAIAEQLyIARQ16IANB6AA2AhwgAyABNgIUIAMgADYCDEEAIQIMjAELIAEgBEYEQEHnACECDIwBCwJAIAEtAABBLkYEQCABQQFqIQEMAQsgAygCBCEAIANBADYCBCADIAAgARAvIgBFDXsgA0HmADYCHCADIAE2AhQgAyAANgIMQQAhAgyMAQtB1gAhAgxyCyABIARGBEBB5QAhAgyLAQtBACEAQQEhBUEBIQdBACECAkACQAJAAkACQAJ/AkACQAJAAkACQAJAAkAgAS0AAEEwaw4KCgkAAQIDBAUGCAsLQQIMBgtBAwwFC0EEDAQLQQUMAwtBBgwCC0EHDAELQQgLIQJBACEFQQAhBwwCC0EJIQJBASEAQQAhBUEAIQcMAQtBACEFQQEhAgsgAyACOgArIAFBAWohAQJAAkAgAy0ALkEQcQ0AAkACQAJAIAMtACoOAwEAAgQLIAdFDQMMAgsgAA0BDAILIAVFDQELIAMoAgQhACADQQA2AgQgAyAAIAEQLyIARQ0CIANB4gA2AhwgAyABNgIUIAMgADYCDEEAIQIMjQELIAMoAgQhACADQQA2AgQgAyAAIAEQLyIARQ19IANB4wA2AhwgAyABNgIUIAMgADYCDEEAIQIMjAELIAMoAgQhACADQQA2AgQgAyAAIAEQLyIARQ17IANB5AA2AhwgAyABNgIUIAMgADYCDAyLAQtB1AAhAgxxCyADLQApQSJGDYYBQdMAIQIMcAtBACEAAkAgAygCOCICRQ0AIAIoAkQiAkUNACADIAIRAAAhAAsgAEUEQEHVACECDHALIABBFUcEQCADQQA2AhwgAyABNgIUIANBpA02AhAgA0EhNgIMQQAhAgyJAQsgA0HhADYCHCADIAE2AhQgA0HQGjYCECADQRU2AgxBACECDIgBCyABIARGBEBB4AAhAgyIAQsCQAJAAkACQAJAIAEtAABBCmsOBAEEBAAECyABQQFqIQEMAQsgAUEBaiEBIANBL2otAABBAXFFDQELQdIAIQIMcAsgA0EANgIcIAMgATYCFCADQbYRNgIQIANBCTYCDEEAIQIMiAELIANBADYCHCADIAE2AhQgA0G2ETYCECADQQk2AgxBACECDIcBCyABIARGBEBB3wAhAgyHAQsgAS0AAEEKRgRAIAFBAWohAQwJCyADLQAuQcAAcQ0IIANBADYCHCADIAE2AhQgA0G2ETYCECADQQI2AgxBACECDIYBCyABIARGBEBB3QAhAgyGAQsgAS0AACICQQ1GBEAgAUEBaiEBQdAAIQIMbQsgASEAIAJBCWsOBAUBAQUBCyAEIAEiAEYEQEHcACECDIUBCyAALQAAQQpHDQAgAEEBagwCC0EAIQIgA0EANgIcIAMgADYCFCADQcotNgIQIANBBzYCDAyDAQsgASAERgRAQdsAIQIMgwELAkAgAS0AAEEJaw4EAwAAAwALIAFBAWoLIQFBzgAhAgxoCyABIARGBEBB2gAhAgyBAQsgAS0AAEEJaw4EAAEBAAELQQAhAiADQQA2AhwgA0GaEjYCECADQQc2AgwgAyABQQFqNgIUDH8LIANBgBI7ASpBACEAAkAgAygCOCICRQ0AIAIoAjgiAkUNACADIAIRAAAhAAsgAEUNACAAQRVHDQEgA0HZADYCHCADIAE2AhQgA0HqGjYCECADQRU2AgxBACECDH4LQc0AIQIMZAsgA0EANgIcIAMgATYCFCADQckNNgIQIANBGjYCDEEAIQIMfAsgASAERgRAQdkAIQIMfAsgAS0AAEEgRw09IAFBAWohASADLQAuQQFxDT0gA0EANgIcIAMgATYCFCADQcIcNgIQIANBHjYCDEEAIQIMewsgASAERgRAQdgAIQIMewsCQAJAAkACQAJAIAEtAAAiAEEKaw4EAgMDAAELIAFBAWohAUEsIQIMZQsgAEE6Rw0BIANBADYCHCADIAE2AhQgA0HnETYCECADQQo2AgxBACECDH0LIAFBAWohASADQS9qLQAAQQFxRQ1zIAMtADJBgAFxRQRAIANBMmohAiADEDVBACEAAkAgAygCOCIGRQ0AIAYoAigiBkUNACADIAYRAAAhAAsCQAJAIAAOFk1MSwEBAQEBAQEBAQEBAQEBAQEBAQABCyADQSk2AhwgAyABNgIUIANBrBk2AhAgA0EVNgIMQQAhAgx+CyADQQA2AhwgAyABNgIUIANB5Qs2AhAgA0ERNgIMQQAhAgx9C0EAIQACQCADKAI4IgJFDQAgAigCXCICRQ0AIAMgAhEAACEACyAARQ1ZIABBFUcNASADQQU2AhwgAyABNgIUIANBmxs2AhAgA0EVNgIMQQAhAgx8C0HLACECDGILQQAhAiADQQA2AhwgAyABNgIUIANBkA42AhAgA0EUNgIMDHoLIAMgAy8BMkGAAXI7ATIMOwsgASAERwRAIANBETYCCCADIAE2AgRBygAhAgxgC0HXACECDHgLIAEgBEYEQEHWACECDHgLAkACQAJAAkAgAS0AACIAQSByIAAgAEHBAGtB/wFxQRpJG0H/AXFB4wBrDhMAQEBAQEBAQEBAQEBAAUBAQAIDQAsgAUEBaiEBQcYAIQIMYQsgAUEBaiEBQccAIQIMYAsgAUEBaiEBQcgAIQIMXwsgAUEBaiEBQckAIQIMXgtB1QAhAiAEIAEiAEYNdiAEIAFrIAMoAgAiAWohBiAAIAFrQQVqIQcDQCABQZDIAGotAAAgAC0AACIFQSByIAUgBUHBAGtB/wFxQRpJG0H/AXFHDQhBBCABQQVGDQoaIAFBAWohASAEIABBAWoiAEcNAAsgAyAGNgIADHYLQdQAIQIgBCABIgBGDXUgBCABayADKAIAIgFqIQYgACABa0EPaiEHA0AgAUGAyABqLQAAIAAtAAAiBUEgciAFIAVBwQBrQf8BcUEaSRtB/wFxRw0HQQMgAUEPRg0JGiABQQFqIQEgBCAAQQFqIgBHDQALIAMgBjYCAAx1C0HTACECIAQgASIARg10IAQgAWsgAygCACIBaiEGIAAgAWtBDmohBwNAIAFB4scAai0AACAALQAAIgVBIHIgBSAFQcEAa0H/AXFBGkkbQf8BcUcNBiABQQ5GDQcgAUEBaiEBIAQgAEEBaiIARw0ACyADIAY2AgAMdAtB0gAhAiAEIAEiAEYNcyAEIAFrIAMoAgAiAWohBSAAIAFrQQFqIQYDQCABQeDHAGotAAAgAC0AACIHQSByIAcgB0HBAGtB/wFxQRpJG0H/AXFHDQUgAUEBRg0CIAFBAWohASAEIABBAWoiAEcNAAsgAyAFNgIADHMLIAEgBEYEQEHRACECDHMLAkACQCABLQAAIgBBIHIgACAAQcEAa0H/AXFBGkkbQf8BcUHuAGsOBwA5OTk5OQE5CyABQQFqIQFBwwAhAgxaCyABQQFqIQFBxAAhAgxZCyADQQA2AgAgBkEBaiEBQcUAIQIMWAtB0AAhAiAEIAEiAEYNcCAEIAFrIAMoAgAiAWohBiAAIAFrQQlqIQcDQCABQdbHAGotAAAgAC0AACIFQSByIAUgBUHBAGtB/wFxQRpJG0H/AXFHDQJBAiABQQlGDQQaIAFBAWohASAEIABBAWoiAEcNAAsgAyAGNgIADHALQc8AIQIgBCABIgBGDW8gBCABayADKAIAIgFqIQYgACABa0EFaiEHA0AgAUHQxwBqLQAAIAAtAAAiBUEgciAFIAVBwQBrQf8BcUEaSRtB/wFxRw0BIAFBBUYNAiABQQFqIQEgBCAAQQFqIgBHDQALIAMgBjYCAAxvCyAAIQEgA0EANgIADDMLQQELOgAsIANBADYCACAHQQFqIQELQS0hAgxSCwJAA0AgAS0AAEHQxQBqLQAAQQFHDQEgBCABQQFqIgFHDQALQc0AIQIMawtBwgAhAgxRCyABIARGBEBBzAAhAgxqCyABLQAAQTpGBEAgAygCBCEAIANBADYCBCADIAAgARAwIgBFDTMgA0HLADYCHCADIAA2AgwgAyABQQFqNgIUQQAhAgxqCyADQQA2AhwgAyABNgIUIANB5xE2AhAgA0EKNgIMQQAhAgxpCwJAAkAgAy0ALEECaw4CAAEnCyADQTNqLQAAQQJxRQ0mIAMtAC5BAnENJiADQQA2AhwgAyABNgIUIANBphQ2AhAgA0ELNgIMQQAhAgxpCyADLQAyQSBxRQ0lIAMtAC5BAnENJSADQQA2AhwgAyABNgIUIANBvRM2AhAgA0EPNgIMQQAhAgxoC0EAIQACQCADKAI4IgJFDQAgAigCSCICRQ0AIAMgAhEAACEACyAARQRAQcEAIQIMTwsgAEEVRwRAIANBADYCHCADIAE2AhQgA0GmDzYCECADQRw2AgxBACECDGgLIANBygA2AhwgAyABNgIUIANBhRw2AhAgA0EVNgIMQQAhAgxnCyABIARHBEAgASECA0AgBCACIgFrQRBOBEAgAUEQaiEC/Qz/////////////////////IAH9AAAAIg1BB/1sIA39DODg4ODg4ODg4ODg4ODg4OD9bv0MX19fX19fX19fX19fX19fX/0mIA39DAkJCQkJCQkJCQkJCQkJCQn9I/1Q/VL9ZEF/c2giAEEQRg0BIAAgAWohAQwYCyABIARGBEBBxAAhAgxpCyABLQAAQcDBAGotAABBAUcNFyAEIAFBAWoiAkcNAAtBxAAhAgxnC0HEACECDGYLIAEgBEcEQANAAkAgAS0AACIAQSByIAAgAEHBAGtB/wFxQRpJG0H/AXEiAEEJRg0AIABBIEYNAAJAAkACQAJAIABB4wBrDhMAAwMDAwMDAwEDAwMDAwMDAwMCAwsgAUEBaiEBQTYhAgxSCyABQQFqIQFBNyECDFELIAFBAWohAUE4IQIMUAsMFQsgBCABQQFqIgFHDQALQTwhAgxmC0E8IQIMZQsgASAERgRAQcgAIQIMZQsgA0ESNgIIIAMgATYCBAJAAkACQAJAAkAgAy0ALEEBaw4EFAABAgkLIAMtADJBIHENA0HgASECDE8LAkAgAy8BMiIAQQhxRQ0AIAMtAChBAUcNACADLQAuQQhxRQ0CCyADIABB9/sDcUGABHI7ATIMCwsgAyADLwEyQRByOwEyDAQLIANBADYCBCADIAEgARAxIgAEQCADQcEANgIcIAMgADYCDCADIAFBAWo2AhRBACECDGYLIAFBAWohAQxYCyADQQA2AhwgAyABNgIUIANB9BM2AhAgA0EENgIMQQAhAgxkC0HHACECIAEgBEYNYyADKAIAIgAgBCABa2ohBSABIABrQQZqIQYCQANAIABBwMUAai0AACABLQAAQSByRw0BIABBBkYNSiAAQQFqIQAgBCABQQFqIgFHDQALIAMgBTYCAAxkCyADQQA2AgAMBQsCQCABIARHBEADQCABLQAAQcDDAGotAAAiAEEBRwRAIABBAkcNAyABQQFqIQEMBQsgBCABQQFqIgFHDQALQcUAIQIMZAtBxQAhAgxjCwsgA0EAOgAsDAELQQshAgxHC0E/IQIMRgsCQAJAA0AgAS0AACIAQSBHBEACQCAAQQprDgQDBQUDAAsgAEEsRg0DDAQLIAQgAUEBaiIBRw0AC0HGACECDGALIANBCDoALAwOCyADLQAoQQFHDQIgAy0ALkEIcQ0CIAMoAgQhACADQQA2AgQgAyAAIAEQMSIABEAgA0HCADYCHCADIAA2AgwgAyABQQFqNgIUQQAhAgxfCyABQQFqIQEMUAtBOyECDEQLAkADQCABLQAAIgBBIEcgAEEJR3ENASAEIAFBAWoiAUcNAAtBwwAhAgxdCwtBPCECDEILAkACQCABIARHBEADQCABLQAAIgBBIEcEQCAAQQprDgQDBAQDBAsgBCABQQFqIgFHDQALQT8hAgxdC0E/IQIMXAsgAyADLwEyQSByOwEyDAoLIAMoAgQhACADQQA2AgQgAyAAIAEQMSIARQ1OIANBPjYCHCADIAE2AhQgAyAANgIMQQAhAgxaCwJAIAEgBEcEQANAIAEtAABBwMMAai0AACIAQQFHBEAgAEECRg0DDAwLIAQgAUEBaiIBRw0AC0E3IQIMWwtBNyECDFoLIAFBAWohAQwEC0E7IQIgBCABIgBGDVggBCABayADKAIAIgFqIQYgACABa0EFaiEHAkADQCABQZDIAGotAAAgAC0AACIFQSByIAUgBUHBAGtB/wFxQRpJG0H/AXFHDQEgAUEFRgRAQQchAQw/CyABQQFqIQEgBCAAQQFqIgBHDQALIAMgBjYCAAxZCyADQQA2AgAgACEBDAULQTohAiAEIAEiAEYNVyAEIAFrIAMoAgAiAWohBiAAIAFrQQhqIQcCQANAIAFBtMEAai0AACAALQAAIgVBIHIgBSAFQcEAa0H/AXFBGkkbQf8BcUcNASABQQhGBEBBBSEBDD4LIAFBAWohASAEIABBAWoiAEcNAAsgAyAGNgIADFgLIANBADYCACAAIQEMBAtBOSECIAQgASIARg1WIAQgAWsgAygCACIBaiEGIAAgAWtBA2ohBwJAA0AgAUGwwQBqLQAAIAAtAAAiBUEgciAFIAVBwQBrQf8BcUEaSRtB/wFxRw0BIAFBA0YEQEEGIQEMPQsgAUEBaiEBIAQgAEEBaiIARw0ACyADIAY2AgAMVwsgA0EANgIAIAAhAQwDCwJAA0AgAS0AACIAQSBHBEAgAEEKaw4EBwQEBwILIAQgAUEBaiIBRw0AC0E4IQIMVgsgAEEsRw0BIAFBAWohAEEBIQECQAJAAkACQAJAIAMtACxBBWsOBAMBAgQACyAAIQEMBAtBAiEBDAELQQQhAQsgA0EBOgAsIAMgAy8BMiABcjsBMiAAIQEMAQsgAyADLwEyQQhyOwEyIAAhAQtBPiECDDsLIANBADoALAtBOSECDDkLIAEgBEYEQEE2IQIMUgsCQAJAAkACQAJAIAEtAABBCmsOBAACAgECCyADKAIEIQAgA0EANgIEIAMgACABEDEiAEUNAiADQTM2AhwgAyABNgIUIAMgADYCDEEAIQIMVQsgAygCBCEAIANBADYCBCADIAAgARAxIgBFBEAgAUEBaiEBDAYLIANBMjYCHCADIAA2AgwgAyABQQFqNgIUQQAhAgxUCyADLQAuQQFxBEBB3wEhAgw7CyADKAIEIQAgA0EANgIEIAMgACABEDEiAA0BDEkLQTQhAgw5CyADQTU2AhwgAyABNgIUIAMgADYCDEEAIQIMUQtBNSECDDcLIANBL2otAABBAXENACADQQA2AhwgAyABNgIUIANB6xY2AhAgA0EZNgIMQQAhAgxPC0EzIQIMNQsgASAERgRAQTIhAgxOCwJAIAEtAABBCkYEQCABQQFqIQEMAQsgA0EANgIcIAMgATYCFCADQZIXNgIQIANBAzYCDEEAIQIMTgtBMiECDDQLIAEgBEYEQEExIQIMTQsCQCABLQAAIgBBCUYNACAAQSBGDQBBASECAkAgAy0ALEEFaw4EBgQFAA0LIAMgAy8BMkEIcjsBMgwMCyADLQAuQQFxRQ0BIAMtACxBCEcNACADQQA6ACwLQT0hAgwyCyADQQA2AhwgAyABNgIUIANBwhY2AhAgA0EKNgIMQQAhAgxKC0ECIQIMAQtBBCECCyADQQE6ACwgAyADLwEyIAJyOwEyDAYLIAEgBEYEQEEwIQIMRwsgAS0AAEEKRgRAIAFBAWohAQwBCyADLQAuQQFxDQAgA0EANgIcIAMgATYCFCADQdwoNgIQIANBAjYCDEEAIQIMRgtBMCECDCwLIAFBAWohAUExIQIMKwsgASAERgRAQS8hAgxECyABLQAAIgBBCUcgAEEgR3FFBEAgAUEBaiEBIAMtAC5BAXENASADQQA2AhwgAyABNgIUIANBlxA2AhAgA0EKNgIMQQAhAgxEC0EBIQICQAJAAkACQAJAAkAgAy0ALEECaw4HBQQEAwECAAQLIAMgAy8BMkEIcjsBMgwDC0ECIQIMAQtBBCECCyADQQE6ACwgAyADLwEyIAJyOwEyC0EvIQIMKwsgA0EANgIcIAMgATYCFCADQYQTNgIQIANBCzYCDEEAIQIMQwtB4QEhAgwpCyABIARGBEBBLiECDEILIANBADYCBCADQRI2AgggAyABIAEQMSIADQELQS4hAgwnCyADQS02AhwgAyABNgIUIAMgADYCDEEAIQIMPwtBACEAAkAgAygCOCICRQ0AIAIoAkwiAkUNACADIAIRAAAhAAsgAEUNACAAQRVHDQEgA0HYADYCHCADIAE2AhQgA0GzGzYCECADQRU2AgxBACECDD4LQcwAIQIMJAsgA0EANgIcIAMgATYCFCADQbMONgIQIANBHTYCDEEAIQIMPAsgASAERgRAQc4AIQIMPAsgAS0AACIAQSBGDQIgAEE6Rg0BCyADQQA6ACxBCSECDCELIAMoAgQhACADQQA2AgQgAyAAIAEQMCIADQEMAgsgAy0ALkEBcQRAQd4BIQIMIAsgAygCBCEAIANBADYCBCADIAAgARAwIgBFDQIgA0EqNgIcIAMgADYCDCADIAFBAWo2AhRBACECDDgLIANBywA2AhwgAyAANgIMIAMgAUEBajYCFEEAIQIMNwsgAUEBaiEBQcAAIQIMHQsgAUEBaiEBDCwLIAEgBEYEQEErIQIMNQsCQCABLQAAQQpGBEAgAUEBaiEBDAELIAMtAC5BwABxRQ0GCyADLQAyQYABcQRAQQAhAAJAIAMoAjgiAkUNACACKAJcIgJFDQAgAyACEQAAIQALIABFDRIgAEEVRgRAIANBBTYCHCADIAE2AhQgA0GbGzYCECADQRU2AgxBACECDDYLIANBADYCHCADIAE2AhQgA0GQDjYCECADQRQ2AgxBACECDDULIANBMmohAiADEDVBACEAAkAgAygCOCIGRQ0AIAYoAigiBkUNACADIAYRAAAhAAsgAA4WAgEABAQEBAQEBAQEBAQEBAQEBAQEAwQLIANBAToAMAsgAiACLwEAQcAAcjsBAAtBKyECDBgLIANBKTYCHCADIAE2AhQgA0GsGTYCECADQRU2AgxBACECDDALIANBADYCHCADIAE2AhQgA0HlCzYCECADQRE2AgxBACECDC8LIANBADYCHCADIAE2AhQgA0GlCzYCECADQQI2AgxBACECDC4LQQEhByADLwEyIgVBCHFFBEAgAykDIEIAUiEHCwJAIAMtADAEQEEBIQAgAy0AKUEFRg0BIAVBwABxRSAHcUUNAQsCQCADLQAoIgJBAkYEQEEBIQAgAy8BNCIGQeUARg0CQQAhACAFQcAAcQ0CIAZB5ABGDQIgBkHmAGtBAkkNAiAGQcwBRg0CIAZBsAJGDQIMAQtBACEAIAVBwABxDQELQQIhACAFQQhxDQAgBUGABHEEQAJAIAJBAUcNACADLQAuQQpxDQBBBSEADAILQQQhAAwBCyAFQSBxRQRAIAMQNkEAR0ECdCEADAELQQBBAyADKQMgUBshAAsgAEEBaw4FAgAHAQMEC0ERIQIMEwsgA0EBOgAxDCkLQQAhAgJAIAMoAjgiAEUNACAAKAIwIgBFDQAgAyAAEQAAIQILIAJFDSYgAkEVRgRAIANBAzYCHCADIAE2AhQgA0HSGzYCECADQRU2AgxBACECDCsLQQAhAiADQQA2AhwgAyABNgIUIANB3Q42AhAgA0ESNgIMDCoLIANBADYCHCADIAE2AhQgA0H5IDYCECADQQ82AgxBACECDCkLQQAhAAJAIAMoAjgiAkUNACACKAIwIgJFDQAgAyACEQAAIQALIAANAQtBDiECDA4LIABBFUYEQCADQQI2AhwgAyABNgIUIANB0hs2AhAgA0EVNgIMQQAhAgwnCyADQQA2AhwgAyABNgIUIANB3Q42AhAgA0ESNgIMQQAhAgwmC0EqIQIMDAsgASAERwRAIANBCTYCCCADIAE2AgRBKSECDAwLQSYhAgwkCyADIAMpAyAiDCAEIAFrrSIKfSILQgAgCyAMWBs3AyAgCiAMVARAQSUhAgwkCyADKAIEIQAgA0EANgIEIAMgACABIAynaiIBEDIiAEUNACADQQU2AhwgAyABNgIUIAMgADYCDEEAIQIMIwtBDyECDAkLQgAhCgJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQCABLQAAQTBrDjcXFgABAgMEBQYHFBQUFBQUFAgJCgsMDRQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUDg8QERITFAtCAiEKDBYLQgMhCgwVC0IEIQoMFAtCBSEKDBMLQgYhCgwSC0IHIQoMEQtCCCEKDBALQgkhCgwPC0IKIQoMDgtCCyEKDA0LQgwhCgwMC0INIQoMCwtCDiEKDAoLQg8hCgwJC0IKIQoMCAtCCyEKDAcLQgwhCgwGC0INIQoMBQtCDiEKDAQLQg8hCgwDCyADQQA2AhwgAyABNgIUIANBnxU2AhAgA0EMNgIMQQAhAgwhCyABIARGBEBBIiECDCELQgAhCgJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkAgAS0AAEEwaw43FRQAAQIDBAUGBxYWFhYWFhYICQoLDA0WFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFg4PEBESExYLQgIhCgwUC0IDIQoMEwtCBCEKDBILQgUhCgwRC0IGIQoMEAtCByEKDA8LQgghCgwOC0IJIQoMDQtCCiEKDAwLQgshCgwLC0IMIQoMCgtCDSEKDAkLQg4hCgwIC0IPIQoMBwtCCiEKDAYLQgshCgwFC0IMIQoMBAtCDSEKDAMLQg4hCgwCC0IPIQoMAQtCASEKCyABQQFqIQEgAykDICILQv//////////D1gEQCADIAtCBIYgCoQ3AyAMAgsgA0EANgIcIAMgATYCFCADQbUJNgIQIANBDDYCDEEAIQIMHgtBJyECDAQLQSghAgwDCyADIAE6ACwgA0EANgIAIAdBAWohAUEMIQIMAgsgA0EANgIAIAZBAWohAUEKIQIMAQsgAUEBaiEBQQghAgwACwALQQAhAiADQQA2AhwgAyABNgIUIANBsjg2AhAgA0EINgIMDBcLQQAhAiADQQA2AhwgAyABNgIUIANBgxE2AhAgA0EJNgIMDBYLQQAhAiADQQA2AhwgAyABNgIUIANB3wo2AhAgA0EJNgIMDBULQQAhAiADQQA2AhwgAyABNgIUIANB7RA2AhAgA0EJNgIMDBQLQQAhAiADQQA2AhwgAyABNgIUIANB0hE2AhAgA0EJNgIMDBMLQQAhAiADQQA2AhwgAyABNgIUIANBsjg2AhAgA0EINgIMDBILQQAhAiADQQA2AhwgAyABNgIUIANBgxE2AhAgA0EJNgIMDBELQQAhAiADQQA2AhwgAyABNgIUIANB3wo2AhAgA0EJNgIMDBALQQAhAiADQQA2AhwgAyABNgIUIANB7RA2AhAgA0EJNgIMDA8LQQAhAiADQQA2AhwgAyABNgIUIANB0hE2AhAgA0EJNgIMDA4LQQAhAiADQQA2AhwgAyABNgIUIANBuRc2AhAgA0EPNgIMDA0LQQAhAiADQQA2AhwgAyABNgIUIANBuRc2AhAgA0EPNgIMDAwLQQAhAiADQQA2AhwgAyABNgIUIANBmRM2AhAgA0ELNgIMDAsLQQAhAiADQQA2AhwgAyABNgIUIANBnQk2AhAgA0ELNgIMDAoLQQAhAiADQQA2AhwgAyABNgIUIANBlxA2AhAgA0EKNgIMDAkLQQAhAiADQQA2AhwgAyABNgIUIANBsRA2AhAgA0EKNgIMDAgLQQAhAiADQQA2AhwgAyABNgIUIANBux02AhAgA0ECNgIMDAcLQQAhAiADQQA2AhwgAyABNgIUIANBlhY2AhAgA0ECNgIMDAYLQQAhAiADQQA2AhwgAyABNgIUIANB+Rg2AhAgA0ECNgIMDAULQQAhAiADQQA2AhwgAyABNgIUIANBxBg2AhAgA0ECNgIMDAQLIANBAjYCHCADIAE2AhQgA0GpHjYCECADQRY2AgxBACECDAMLQd4AIQIgASAERg0CIAlBCGohByADKAIAIQUCQAJAIAEgBEcEQCAFQZbIAGohCCAEIAVqIAFrIQYgBUF/c0EKaiIFIAFqIQADQCABLQAAIAgtAABHBEBBAiEIDAMLIAVFBEBBACEIIAAhAQwDCyAFQQFrIQUgCEEBaiEIIAQgAUEBaiIBRw0ACyAGIQUgBCEBCyAHQQE2AgAgAyAFNgIADAELIANBADYCACAHIAg2AgALIAcgATYCBCAJKAIMIQACQAJAIAkoAghBAWsOAgQBAAsgA0EANgIcIANBwh42AhAgA0EXNgIMIAMgAEEBajYCFEEAIQIMAwsgA0EANgIcIAMgADYCFCADQdceNgIQIANBCTYCDEEAIQIMAgsgASAERgRAQSghAgwCCyADQQk2AgggAyABNgIEQSchAgwBCyABIARGBEBBASECDAELA0ACQAJAAkAgAS0AAEEKaw4EAAEBAAELIAFBAWohAQwBCyABQQFqIQEgAy0ALkEgcQ0AQQAhAiADQQA2AhwgAyABNgIUIANBoSE2AhAgA0EFNgIMDAILQQEhAiABIARHDQALCyAJQRBqJAAgAkUEQCADKAIMIQAMAQsgAyACNgIcQQAhACADKAIEIgFFDQAgAyABIAQgAygCCBEBACIBRQ0AIAMgBDYCFCADIAE2AgwgASEACyAAC74CAQJ/IABBADoAACAAQeQAaiIBQQFrQQA6AAAgAEEAOgACIABBADoAASABQQNrQQA6AAAgAUECa0EAOgAAIABBADoAAyABQQRrQQA6AABBACAAa0EDcSIBIABqIgBBADYCAEHkACABa0F8cSICIABqIgFBBGtBADYCAAJAIAJBCUkNACAAQQA2AgggAEEANgIEIAFBCGtBADYCACABQQxrQQA2AgAgAkEZSQ0AIABBADYCGCAAQQA2AhQgAEEANgIQIABBADYCDCABQRBrQQA2AgAgAUEUa0EANgIAIAFBGGtBADYCACABQRxrQQA2AgAgAiAAQQRxQRhyIgJrIgFBIEkNACAAIAJqIQADQCAAQgA3AxggAEIANwMQIABCADcDCCAAQgA3AwAgAEEgaiEAIAFBIGsiAUEfSw0ACwsLVgEBfwJAIAAoAgwNAAJAAkACQAJAIAAtADEOAwEAAwILIAAoAjgiAUUNACABKAIwIgFFDQAgACABEQAAIgENAwtBAA8LAAsgAEHKGTYCEEEOIQELIAELGgAgACgCDEUEQCAAQd4fNgIQIABBFTYCDAsLFAAgACgCDEEVRgRAIABBADYCDAsLFAAgACgCDEEWRgRAIABBADYCDAsLBwAgACgCDAsHACAAKAIQCwkAIAAgATYCEAsHACAAKAIUCysAAkAgAEEnTw0AQv//////CSAArYhCAYNQDQAgAEECdEHQOGooAgAPCwALFwAgAEEvTwRAAAsgAEECdEHsOWooAgALvwkBAX9B9C0hAQJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAIABB5ABrDvQDY2IAAWFhYWFhYQIDBAVhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhBgcICQoLDA0OD2FhYWFhEGFhYWFhYWFhYWFhEWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYRITFBUWFxgZGhthYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhHB0eHyAhIiMkJSYnKCkqKywtLi8wMTIzNDU2YTc4OTphYWFhYWFhYTthYWE8YWFhYT0+P2FhYWFhYWFhQGFhQWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYUJDREVGR0hJSktMTU5PUFFSU2FhYWFhYWFhVFVWV1hZWlthXF1hYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFeYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhX2BhC0HqLA8LQZgmDwtB7TEPC0GgNw8LQckpDwtBtCkPC0GWLQ8LQesrDwtBojUPC0HbNA8LQeApDwtB4yQPC0HVJA8LQe4kDwtB5iUPC0HKNA8LQdA3DwtBqjUPC0H1LA8LQfYmDwtBgiIPC0HyMw8LQb4oDwtB5zcPC0HNIQ8LQcAhDwtBuCUPC0HLJQ8LQZYkDwtBjzQPC0HNNQ8LQd0qDwtB7jMPC0GcNA8LQZ4xDwtB9DUPC0HlIg8LQa8lDwtBmTEPC0GyNg8LQfk2DwtBxDIPC0HdLA8LQYIxDwtBwTEPC0GNNw8LQckkDwtB7DYPC0HnKg8LQcgjDwtB4iEPC0HJNw8LQaUiDwtBlCIPC0HbNg8LQd41DwtBhiYPC0G8Kw8LQYsyDwtBoCMPC0H2MA8LQYAsDwtBiSsPC0GkJg8LQfIjDwtBgSgPC0GrMg8LQesnDwtBwjYPC0GiJA8LQc8qDwtB3CMPC0GHJw8LQeQ0DwtBtyIPC0GtMQ8LQdUiDwtBrzQPC0HeJg8LQdYyDwtB9DQPC0GBOA8LQfQ3DwtBkjYPC0GdJw8LQYIpDwtBjSMPC0HXMQ8LQb01DwtBtDcPC0HYMA8LQbYnDwtBmjgPC0GnKg8LQcQnDwtBriMPC0H1Ig8LAAtByiYhAQsgAQsXACAAIAAvAS5B/v8DcSABQQBHcjsBLgsaACAAIAAvAS5B/f8DcSABQQBHQQF0cjsBLgsaACAAIAAvAS5B+/8DcSABQQBHQQJ0cjsBLgsaACAAIAAvAS5B9/8DcSABQQBHQQN0cjsBLgsaACAAIAAvAS5B7/8DcSABQQBHQQR0cjsBLgsaACAAIAAvAS5B3/8DcSABQQBHQQV0cjsBLgsaACAAIAAvAS5Bv/8DcSABQQBHQQZ0cjsBLgsaACAAIAAvAS5B//4DcSABQQBHQQd0cjsBLgsaACAAIAAvAS5B//0DcSABQQBHQQh0cjsBLgsaACAAIAAvAS5B//sDcSABQQBHQQl0cjsBLgs+AQJ/AkAgACgCOCIDRQ0AIAMoAgQiA0UNACAAIAEgAiABayADEQEAIgRBf0cNACAAQeESNgIQQRghBAsgBAs+AQJ/AkAgACgCOCIDRQ0AIAMoAggiA0UNACAAIAEgAiABayADEQEAIgRBf0cNACAAQfwRNgIQQRghBAsgBAs+AQJ/AkAgACgCOCIDRQ0AIAMoAgwiA0UNACAAIAEgAiABayADEQEAIgRBf0cNACAAQewKNgIQQRghBAsgBAs+AQJ/AkAgACgCOCIDRQ0AIAMoAhAiA0UNACAAIAEgAiABayADEQEAIgRBf0cNACAAQfoeNgIQQRghBAsgBAs+AQJ/AkAgACgCOCIDRQ0AIAMoAhQiA0UNACAAIAEgAiABayADEQEAIgRBf0cNACAAQcsQNgIQQRghBAsgBAs+AQJ/AkAgACgCOCIDRQ0AIAMoAhgiA0UNACAAIAEgAiABayADEQEAIgRBf0cNACAAQbcfNgIQQRghBAsgBAs+AQJ/AkAgACgCOCIDRQ0AIAMoAhwiA0UNACAAIAEgAiABayADEQEAIgRBf0cNACAAQb8VNgIQQRghBAsgBAs+AQJ/AkAgACgCOCIDRQ0AIAMoAiwiA0UNACAAIAEgAiABayADEQEAIgRBf0cNACAAQf4INgIQQRghBAsgBAs+AQJ/AkAgACgCOCIDRQ0AIAMoAiAiA0UNACAAIAEgAiABayADEQEAIgRBf0cNACAAQYwdNgIQQRghBAsgBAs+AQJ/AkAgACgCOCIDRQ0AIAMoAiQiA0UNACAAIAEgAiABayADEQEAIgRBf0cNACAAQeYVNgIQQRghBAsgBAs4ACAAAn8gAC8BMkEUcUEURgRAQQEgAC0AKEEBRg0BGiAALwE0QeUARgwBCyAALQApQQVGCzoAMAtZAQJ/AkAgAC0AKEEBRg0AIAAvATQiAUHkAGtB5ABJDQAgAUHMAUYNACABQbACRg0AIAAvATIiAEHAAHENAEEBIQIgAEGIBHFBgARGDQAgAEEocUUhAgsgAguMAQECfwJAAkACQCAALQAqRQ0AIAAtACtFDQAgAC8BMiIBQQJxRQ0BDAILIAAvATIiAUEBcUUNAQtBASECIAAtAChBAUYNACAALwE0IgBB5ABrQeQASQ0AIABBzAFGDQAgAEGwAkYNACABQcAAcQ0AQQAhAiABQYgEcUGABEYNACABQShxQQBHIQILIAILcwAgAEEQav0MAAAAAAAAAAAAAAAAAAAAAP0LAwAgAP0MAAAAAAAAAAAAAAAAAAAAAP0LAwAgAEEwav0MAAAAAAAAAAAAAAAAAAAAAP0LAwAgAEEgav0MAAAAAAAAAAAAAAAAAAAAAP0LAwAgAEH9ATYCHAsGACAAEDoLmi0BC38jAEEQayIKJABB3NUAKAIAIglFBEBBnNkAKAIAIgVFBEBBqNkAQn83AgBBoNkAQoCAhICAgMAANwIAQZzZACAKQQhqQXBxQdiq1aoFcyIFNgIAQbDZAEEANgIAQYDZAEEANgIAC0GE2QBBwNkENgIAQdTVAEHA2QQ2AgBB6NUAIAU2AgBB5NUAQX82AgBBiNkAQcCmAzYCAANAIAFBgNYAaiABQfTVAGoiAjYCACACIAFB7NUAaiIDNgIAIAFB+NUAaiADNgIAIAFBiNYAaiABQfzVAGoiAzYCACADIAI2AgAgAUGQ1gBqIAFBhNYAaiICNgIAIAIgAzYCACABQYzWAGogAjYCACABQSBqIgFBgAJHDQALQczZBEGBpgM2AgBB4NUAQazZACgCADYCAEHQ1QBBgKYDNgIAQdzVAEHI2QQ2AgBBzP8HQTg2AgBByNkEIQkLAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkACQAJAAkAgAEHsAU0EQEHE1QAoAgAiBkEQIABBE2pBcHEgAEELSRsiBEEDdiIAdiIBQQNxBEACQCABQQFxIAByQQFzIgJBA3QiAEHs1QBqIgEgAEH01QBqKAIAIgAoAggiA0YEQEHE1QAgBkF+IAJ3cTYCAAwBCyABIAM2AgggAyABNgIMCyAAQQhqIQEgACACQQN0IgJBA3I2AgQgACACaiIAIAAoAgRBAXI2AgQMEQtBzNUAKAIAIgggBE8NASABBEACQEECIAB0IgJBACACa3IgASAAdHFoIgBBA3QiAkHs1QBqIgEgAkH01QBqKAIAIgIoAggiA0YEQEHE1QAgBkF+IAB3cSIGNgIADAELIAEgAzYCCCADIAE2AgwLIAIgBEEDcjYCBCAAQQN0IgAgBGshBSAAIAJqIAU2AgAgAiAEaiIEIAVBAXI2AgQgCARAIAhBeHFB7NUAaiEAQdjVACgCACEDAn9BASAIQQN2dCIBIAZxRQRAQcTVACABIAZyNgIAIAAMAQsgACgCCAsiASADNgIMIAAgAzYCCCADIAA2AgwgAyABNgIICyACQQhqIQFB2NUAIAQ2AgBBzNUAIAU2AgAMEQtByNUAKAIAIgtFDQEgC2hBAnRB9NcAaigCACIAKAIEQXhxIARrIQUgACECA0ACQCACKAIQIgFFBEAgAkEUaigCACIBRQ0BCyABKAIEQXhxIARrIgMgBUkhAiADIAUgAhshBSABIAAgAhshACABIQIMAQsLIAAoAhghCSAAKAIMIgMgAEcEQEHU1QAoAgAaIAMgACgCCCIBNgIIIAEgAzYCDAwQCyAAQRRqIgIoAgAiAUUEQCAAKAIQIgFFDQMgAEEQaiECCwNAIAIhByABIgNBFGoiAigCACIBDQAgA0EQaiECIAMoAhAiAQ0ACyAHQQA2AgAMDwtBfyEEIABBv39LDQAgAEETaiIBQXBxIQRByNUAKAIAIghFDQBBACAEayEFAkACQAJAAn9BACAEQYACSQ0AGkEfIARB////B0sNABogBEEmIAFBCHZnIgBrdkEBcSAAQQF0a0E+agsiBkECdEH01wBqKAIAIgJFBEBBACEBQQAhAwwBC0EAIQEgBEEZIAZBAXZrQQAgBkEfRxt0IQBBACEDA0ACQCACKAIEQXhxIARrIgcgBU8NACACIQMgByIFDQBBACEFIAIhAQwDCyABIAJBFGooAgAiByAHIAIgAEEddkEEcWpBEGooAgAiAkYbIAEgBxshASAAQQF0IQAgAg0ACwsgASADckUEQEEAIQNBAiAGdCIAQQAgAGtyIAhxIgBFDQMgAGhBAnRB9NcAaigCACEBCyABRQ0BCwNAIAEoAgRBeHEgBGsiAiAFSSEAIAIgBSAAGyEFIAEgAyAAGyEDIAEoAhAiAAR/IAAFIAFBFGooAgALIgENAAsLIANFDQAgBUHM1QAoAgAgBGtPDQAgAygCGCEHIAMgAygCDCIARwRAQdTVACgCABogACADKAIIIgE2AgggASAANgIMDA4LIANBFGoiAigCACIBRQRAIAMoAhAiAUUNAyADQRBqIQILA0AgAiEGIAEiAEEUaiICKAIAIgENACAAQRBqIQIgACgCECIBDQALIAZBADYCAAwNC0HM1QAoAgAiAyAETwRAQdjVACgCACEBAkAgAyAEayICQRBPBEAgASAEaiIAIAJBAXI2AgQgASADaiACNgIAIAEgBEEDcjYCBAwBCyABIANBA3I2AgQgASADaiIAIAAoAgRBAXI2AgRBACEAQQAhAgtBzNUAIAI2AgBB2NUAIAA2AgAgAUEIaiEBDA8LQdDVACgCACIDIARLBEAgBCAJaiIAIAMgBGsiAUEBcjYCBEHc1QAgADYCAEHQ1QAgATYCACAJIARBA3I2AgQgCUEIaiEBDA8LQQAhASAEAn9BnNkAKAIABEBBpNkAKAIADAELQajZAEJ/NwIAQaDZAEKAgISAgIDAADcCAEGc2QAgCkEMakFwcUHYqtWqBXM2AgBBsNkAQQA2AgBBgNkAQQA2AgBBgIAECyIAIARBxwBqIgVqIgZBACAAayIHcSICTwRAQbTZAEEwNgIADA8LAkBB/NgAKAIAIgFFDQBB9NgAKAIAIgggAmohACAAIAFNIAAgCEtxDQBBACEBQbTZAEEwNgIADA8LQYDZAC0AAEEEcQ0EAkACQCAJBEBBhNkAIQEDQCABKAIAIgAgCU0EQCAAIAEoAgRqIAlLDQMLIAEoAggiAQ0ACwtBABA7IgBBf0YNBSACIQZBoNkAKAIAIgFBAWsiAyAAcQRAIAIgAGsgACADakEAIAFrcWohBgsgBCAGTw0FIAZB/v///wdLDQVB/NgAKAIAIgMEQEH02AAoAgAiByAGaiEBIAEgB00NBiABIANLDQYLIAYQOyIBIABHDQEMBwsgBiADayAHcSIGQf7///8HSw0EIAYQOyEAIAAgASgCACABKAIEakYNAyAAIQELAkAgBiAEQcgAak8NACABQX9GDQBBpNkAKAIAIgAgBSAGa2pBACAAa3EiAEH+////B0sEQCABIQAMBwsgABA7QX9HBEAgACAGaiEGIAEhAAwHC0EAIAZrEDsaDAQLIAEiAEF/Rw0FDAMLQQAhAwwMC0EAIQAMCgsgAEF/Rw0CC0GA2QBBgNkAKAIAQQRyNgIACyACQf7///8HSw0BIAIQOyEAQQAQOyEBIABBf0YNASABQX9GDQEgACABTw0BIAEgAGsiBiAEQThqTQ0BC0H02ABB9NgAKAIAIAZqIgE2AgBB+NgAKAIAIAFJBEBB+NgAIAE2AgALAkACQAJAQdzVACgCACICBEBBhNkAIQEDQCAAIAEoAgAiAyABKAIEIgVqRg0CIAEoAggiAQ0ACwwCC0HU1QAoAgAiAUEARyAAIAFPcUUEQEHU1QAgADYCAAtBACEBQYjZACAGNgIAQYTZACAANgIAQeTVAEF/NgIAQejVAEGc2QAoAgA2AgBBkNkAQQA2AgADQCABQYDWAGogAUH01QBqIgI2AgAgAiABQezVAGoiAzYCACABQfjVAGogAzYCACABQYjWAGogAUH81QBqIgM2AgAgAyACNgIAIAFBkNYAaiABQYTWAGoiAjYCACACIAM2AgAgAUGM1gBqIAI2AgAgAUEgaiIBQYACRw0AC0F4IABrQQ9xIgEgAGoiAiAGQThrIgMgAWsiAUEBcjYCBEHg1QBBrNkAKAIANgIAQdDVACABNgIAQdzVACACNgIAIAAgA2pBODYCBAwCCyAAIAJNDQAgAiADSQ0AIAEoAgxBCHENAEF4IAJrQQ9xIgAgAmoiA0HQ1QAoAgAgBmoiByAAayIAQQFyNgIEIAEgBSAGajYCBEHg1QBBrNkAKAIANgIAQdDVACAANgIAQdzVACADNgIAIAIgB2pBODYCBAwBCyAAQdTVACgCAEkEQEHU1QAgADYCAAsgACAGaiEDQYTZACEBAkACQAJAA0AgAyABKAIARwRAIAEoAggiAQ0BDAILCyABLQAMQQhxRQ0BC0GE2QAhAQNAIAEoAgAiAyACTQRAIAMgASgCBGoiBSACSw0DCyABKAIIIQEMAAsACyABIAA2AgAgASABKAIEIAZqNgIEIABBeCAAa0EPcWoiCSAEQQNyNgIEIANBeCADa0EPcWoiBiAEIAlqIgRrIQEgAiAGRgRAQdzVACAENgIAQdDVAEHQ1QAoAgAgAWoiADYCACAEIABBAXI2AgQMCAtB2NUAKAIAIAZGBEBB2NUAIAQ2AgBBzNUAQczVACgCACABaiIANgIAIAQgAEEBcjYCBCAAIARqIAA2AgAMCAsgBigCBCIFQQNxQQFHDQYgBUF4cSEIIAVB/wFNBEAgBUEDdiEDIAYoAggiACAGKAIMIgJGBEBBxNUAQcTVACgCAEF+IAN3cTYCAAwHCyACIAA2AgggACACNgIMDAYLIAYoAhghByAGIAYoAgwiAEcEQCAAIAYoAggiAjYCCCACIAA2AgwMBQsgBkEUaiICKAIAIgVFBEAgBigCECIFRQ0EIAZBEGohAgsDQCACIQMgBSIAQRRqIgIoAgAiBQ0AIABBEGohAiAAKAIQIgUNAAsgA0EANgIADAQLQXggAGtBD3EiASAAaiIHIAZBOGsiAyABayIBQQFyNgIEIAAgA2pBODYCBCACIAVBNyAFa0EPcWpBP2siAyADIAJBEGpJGyIDQSM2AgRB4NUAQazZACgCADYCAEHQ1QAgATYCAEHc1QAgBzYCACADQRBqQYzZACkCADcCACADQYTZACkCADcCCEGM2QAgA0EIajYCAEGI2QAgBjYCAEGE2QAgADYCAEGQ2QBBADYCACADQSRqIQEDQCABQQc2AgAgBSABQQRqIgFLDQALIAIgA0YNACADIAMoAgRBfnE2AgQgAyADIAJrIgU2AgAgAiAFQQFyNgIEIAVB/wFNBEAgBUF4cUHs1QBqIQACf0HE1QAoAgAiAUEBIAVBA3Z0IgNxRQRAQcTVACABIANyNgIAIAAMAQsgACgCCAsiASACNgIMIAAgAjYCCCACIAA2AgwgAiABNgIIDAELQR8hASAFQf///wdNBEAgBUEmIAVBCHZnIgBrdkEBcSAAQQF0a0E+aiEBCyACIAE2AhwgAkIANwIQIAFBAnRB9NcAaiEAQcjVACgCACIDQQEgAXQiBnFFBEAgACACNgIAQcjVACADIAZyNgIAIAIgADYCGCACIAI2AgggAiACNgIMDAELIAVBGSABQQF2a0EAIAFBH0cbdCEBIAAoAgAhAwJAA0AgAyIAKAIEQXhxIAVGDQEgAUEddiEDIAFBAXQhASAAIANBBHFqQRBqIgYoAgAiAw0ACyAGIAI2AgAgAiAANgIYIAIgAjYCDCACIAI2AggMAQsgACgCCCIBIAI2AgwgACACNgIIIAJBADYCGCACIAA2AgwgAiABNgIIC0HQ1QAoAgAiASAETQ0AQdzVACgCACIAIARqIgIgASAEayIBQQFyNgIEQdDVACABNgIAQdzVACACNgIAIAAgBEEDcjYCBCAAQQhqIQEMCAtBACEBQbTZAEEwNgIADAcLQQAhAAsgB0UNAAJAIAYoAhwiAkECdEH01wBqIgMoAgAgBkYEQCADIAA2AgAgAA0BQcjVAEHI1QAoAgBBfiACd3E2AgAMAgsgB0EQQRQgBygCECAGRhtqIAA2AgAgAEUNAQsgACAHNgIYIAYoAhAiAgRAIAAgAjYCECACIAA2AhgLIAZBFGooAgAiAkUNACAAQRRqIAI2AgAgAiAANgIYCyABIAhqIQEgBiAIaiIGKAIEIQULIAYgBUF+cTYCBCABIARqIAE2AgAgBCABQQFyNgIEIAFB/wFNBEAgAUF4cUHs1QBqIQACf0HE1QAoAgAiAkEBIAFBA3Z0IgFxRQRAQcTVACABIAJyNgIAIAAMAQsgACgCCAsiASAENgIMIAAgBDYCCCAEIAA2AgwgBCABNgIIDAELQR8hBSABQf///wdNBEAgAUEmIAFBCHZnIgBrdkEBcSAAQQF0a0E+aiEFCyAEIAU2AhwgBEIANwIQIAVBAnRB9NcAaiEAQcjVACgCACICQQEgBXQiA3FFBEAgACAENgIAQcjVACACIANyNgIAIAQgADYCGCAEIAQ2AgggBCAENgIMDAELIAFBGSAFQQF2a0EAIAVBH0cbdCEFIAAoAgAhAAJAA0AgACICKAIEQXhxIAFGDQEgBUEddiEAIAVBAXQhBSACIABBBHFqQRBqIgMoAgAiAA0ACyADIAQ2AgAgBCACNgIYIAQgBDYCDCAEIAQ2AggMAQsgAigCCCIAIAQ2AgwgAiAENgIIIARBADYCGCAEIAI2AgwgBCAANgIICyAJQQhqIQEMAgsCQCAHRQ0AAkAgAygCHCIBQQJ0QfTXAGoiAigCACADRgRAIAIgADYCACAADQFByNUAIAhBfiABd3EiCDYCAAwCCyAHQRBBFCAHKAIQIANGG2ogADYCACAARQ0BCyAAIAc2AhggAygCECIBBEAgACABNgIQIAEgADYCGAsgA0EUaigCACIBRQ0AIABBFGogATYCACABIAA2AhgLAkAgBUEPTQRAIAMgBCAFaiIAQQNyNgIEIAAgA2oiACAAKAIEQQFyNgIEDAELIAMgBGoiAiAFQQFyNgIEIAMgBEEDcjYCBCACIAVqIAU2AgAgBUH/AU0EQCAFQXhxQezVAGohAAJ/QcTVACgCACIBQQEgBUEDdnQiBXFFBEBBxNUAIAEgBXI2AgAgAAwBCyAAKAIICyIBIAI2AgwgACACNgIIIAIgADYCDCACIAE2AggMAQtBHyEBIAVB////B00EQCAFQSYgBUEIdmciAGt2QQFxIABBAXRrQT5qIQELIAIgATYCHCACQgA3AhAgAUECdEH01wBqIQBBASABdCIEIAhxRQRAIAAgAjYCAEHI1QAgBCAIcjYCACACIAA2AhggAiACNgIIIAIgAjYCDAwBCyAFQRkgAUEBdmtBACABQR9HG3QhASAAKAIAIQQCQANAIAQiACgCBEF4cSAFRg0BIAFBHXYhBCABQQF0IQEgACAEQQRxakEQaiIGKAIAIgQNAAsgBiACNgIAIAIgADYCGCACIAI2AgwgAiACNgIIDAELIAAoAggiASACNgIMIAAgAjYCCCACQQA2AhggAiAANgIMIAIgATYCCAsgA0EIaiEBDAELAkAgCUUNAAJAIAAoAhwiAUECdEH01wBqIgIoAgAgAEYEQCACIAM2AgAgAw0BQcjVACALQX4gAXdxNgIADAILIAlBEEEUIAkoAhAgAEYbaiADNgIAIANFDQELIAMgCTYCGCAAKAIQIgEEQCADIAE2AhAgASADNgIYCyAAQRRqKAIAIgFFDQAgA0EUaiABNgIAIAEgAzYCGAsCQCAFQQ9NBEAgACAEIAVqIgFBA3I2AgQgACABaiIBIAEoAgRBAXI2AgQMAQsgACAEaiIHIAVBAXI2AgQgACAEQQNyNgIEIAUgB2ogBTYCACAIBEAgCEF4cUHs1QBqIQFB2NUAKAIAIQMCf0EBIAhBA3Z0IgIgBnFFBEBBxNUAIAIgBnI2AgAgAQwBCyABKAIICyICIAM2AgwgASADNgIIIAMgATYCDCADIAI2AggLQdjVACAHNgIAQczVACAFNgIACyAAQQhqIQELIApBEGokACABC0MAIABFBEA/AEEQdA8LAkAgAEH//wNxDQAgAEEASA0AIABBEHZAACIAQX9GBEBBtNkAQTA2AgBBfw8LIABBEHQPCwALC5lCIgBBgAgLDQEAAAAAAAAAAgAAAAMAQZgICwUEAAAABQBBqAgLCQYAAAAHAAAACABB5AgLwjJJbnZhbGlkIGNoYXIgaW4gdXJsIHF1ZXJ5AFNwYW4gY2FsbGJhY2sgZXJyb3IgaW4gb25fYm9keQBDb250ZW50LUxlbmd0aCBvdmVyZmxvdwBDaHVuayBzaXplIG92ZXJmbG93AEludmFsaWQgbWV0aG9kIGZvciBIVFRQL3gueCByZXF1ZXN0AEludmFsaWQgbWV0aG9kIGZvciBSVFNQL3gueCByZXF1ZXN0AEV4cGVjdGVkIFNPVVJDRSBtZXRob2QgZm9yIElDRS94LnggcmVxdWVzdABJbnZhbGlkIGNoYXIgaW4gdXJsIGZyYWdtZW50IHN0YXJ0AEV4cGVjdGVkIGRvdABTcGFuIGNhbGxiYWNrIGVycm9yIGluIG9uX3N0YXR1cwBJbnZhbGlkIHJlc3BvbnNlIHN0YXR1cwBFeHBlY3RlZCBMRiBhZnRlciBoZWFkZXJzAEludmFsaWQgY2hhcmFjdGVyIGluIGNodW5rIGV4dGVuc2lvbnMAVXNlciBjYWxsYmFjayBlcnJvcgBgb25fcmVzZXRgIGNhbGxiYWNrIGVycm9yAGBvbl9jaHVua19oZWFkZXJgIGNhbGxiYWNrIGVycm9yAGBvbl9tZXNzYWdlX2JlZ2luYCBjYWxsYmFjayBlcnJvcgBgb25fY2h1bmtfZXh0ZW5zaW9uX3ZhbHVlYCBjYWxsYmFjayBlcnJvcgBgb25fc3RhdHVzX2NvbXBsZXRlYCBjYWxsYmFjayBlcnJvcgBgb25fdmVyc2lvbl9jb21wbGV0ZWAgY2FsbGJhY2sgZXJyb3IAYG9uX3VybF9jb21wbGV0ZWAgY2FsbGJhY2sgZXJyb3IAYG9uX3Byb3RvY29sX2NvbXBsZXRlYCBjYWxsYmFjayBlcnJvcgBgb25fY2h1bmtfY29tcGxldGVgIGNhbGxiYWNrIGVycm9yAGBvbl9oZWFkZXJfdmFsdWVfY29tcGxldGVgIGNhbGxiYWNrIGVycm9yAGBvbl9tZXNzYWdlX2NvbXBsZXRlYCBjYWxsYmFjayBlcnJvcgBgb25fbWV0aG9kX2NvbXBsZXRlYCBjYWxsYmFjayBlcnJvcgBgb25faGVhZGVyX2ZpZWxkX2NvbXBsZXRlYCBjYWxsYmFjayBlcnJvcgBgb25fY2h1bmtfZXh0ZW5zaW9uX25hbWVgIGNhbGxiYWNrIGVycm9yAFVuZXhwZWN0ZWQgY2hhciBpbiB1cmwgc2VydmVyAEludmFsaWQgaGVhZGVyIHZhbHVlIGNoYXIASW52YWxpZCBoZWFkZXIgZmllbGQgY2hhcgBTcGFuIGNhbGxiYWNrIGVycm9yIGluIG9uX3ZlcnNpb24ASW52YWxpZCBtaW5vciB2ZXJzaW9uAEludmFsaWQgbWFqb3IgdmVyc2lvbgBFeHBlY3RlZCBzcGFjZSBhZnRlciB2ZXJzaW9uAEV4cGVjdGVkIENSTEYgYWZ0ZXIgdmVyc2lvbgBJbnZhbGlkIEhUVFAgdmVyc2lvbgBJbnZhbGlkIGhlYWRlciB0b2tlbgBTcGFuIGNhbGxiYWNrIGVycm9yIGluIG9uX3VybABJbnZhbGlkIGNoYXJhY3RlcnMgaW4gdXJsAFVuZXhwZWN0ZWQgc3RhcnQgY2hhciBpbiB1cmwARG91YmxlIEAgaW4gdXJsAFNwYW4gY2FsbGJhY2sgZXJyb3IgaW4gb25fcHJvdG9jb2wARW1wdHkgQ29udGVudC1MZW5ndGgASW52YWxpZCBjaGFyYWN0ZXIgaW4gQ29udGVudC1MZW5ndGgAVHJhbnNmZXItRW5jb2RpbmcgY2FuJ3QgYmUgcHJlc2VudCB3aXRoIENvbnRlbnQtTGVuZ3RoAER1cGxpY2F0ZSBDb250ZW50LUxlbmd0aABJbnZhbGlkIGNoYXIgaW4gdXJsIHBhdGgAQ29udGVudC1MZW5ndGggY2FuJ3QgYmUgcHJlc2VudCB3aXRoIFRyYW5zZmVyLUVuY29kaW5nAE1pc3NpbmcgZXhwZWN0ZWQgQ1IgYWZ0ZXIgY2h1bmsgc2l6ZQBFeHBlY3RlZCBMRiBhZnRlciBjaHVuayBzaXplAEludmFsaWQgY2hhcmFjdGVyIGluIGNodW5rIHNpemUAU3BhbiBjYWxsYmFjayBlcnJvciBpbiBvbl9oZWFkZXJfdmFsdWUAU3BhbiBjYWxsYmFjayBlcnJvciBpbiBvbl9jaHVua19leHRlbnNpb25fdmFsdWUASW52YWxpZCBjaGFyYWN0ZXIgaW4gY2h1bmsgZXh0ZW5zaW9ucyB2YWx1ZQBVbmV4cGVjdGVkIHdoaXRlc3BhY2UgYWZ0ZXIgaGVhZGVyIHZhbHVlAE1pc3NpbmcgZXhwZWN0ZWQgQ1IgYWZ0ZXIgaGVhZGVyIHZhbHVlAE1pc3NpbmcgZXhwZWN0ZWQgTEYgYWZ0ZXIgaGVhZGVyIHZhbHVlAEludmFsaWQgYFRyYW5zZmVyLUVuY29kaW5nYCBoZWFkZXIgdmFsdWUATWlzc2luZyBleHBlY3RlZCBDUiBhZnRlciBjaHVuayBleHRlbnNpb24gdmFsdWUASW52YWxpZCBjaGFyYWN0ZXIgaW4gY2h1bmsgZXh0ZW5zaW9ucyBxdW90ZSB2YWx1ZQBJbnZhbGlkIHF1b3RlZC1wYWlyIGluIGNodW5rIGV4dGVuc2lvbnMgcXVvdGVkIHZhbHVlAEludmFsaWQgY2hhcmFjdGVyIGluIGNodW5rIGV4dGVuc2lvbnMgcXVvdGVkIHZhbHVlAFBhdXNlZCBieSBvbl9oZWFkZXJzX2NvbXBsZXRlAEludmFsaWQgRU9GIHN0YXRlAG9uX3Jlc2V0IHBhdXNlAG9uX2NodW5rX2hlYWRlciBwYXVzZQBvbl9tZXNzYWdlX2JlZ2luIHBhdXNlAG9uX2NodW5rX2V4dGVuc2lvbl92YWx1ZSBwYXVzZQBvbl9zdGF0dXNfY29tcGxldGUgcGF1c2UAb25fdmVyc2lvbl9jb21wbGV0ZSBwYXVzZQBvbl91cmxfY29tcGxldGUgcGF1c2UAb25fcHJvdG9jb2xfY29tcGxldGUgcGF1c2UAb25fY2h1bmtfY29tcGxldGUgcGF1c2UAb25faGVhZGVyX3ZhbHVlX2NvbXBsZXRlIHBhdXNlAG9uX21lc3NhZ2VfY29tcGxldGUgcGF1c2UAb25fbWV0aG9kX2NvbXBsZXRlIHBhdXNlAG9uX2hlYWRlcl9maWVsZF9jb21wbGV0ZSBwYXVzZQBvbl9jaHVua19leHRlbnNpb25fbmFtZSBwYXVzZQBVbmV4cGVjdGVkIHNwYWNlIGFmdGVyIHN0YXJ0IGxpbmUATWlzc2luZyBleHBlY3RlZCBDUiBhZnRlciByZXNwb25zZSBsaW5lAFNwYW4gY2FsbGJhY2sgZXJyb3IgaW4gb25fY2h1bmtfZXh0ZW5zaW9uX25hbWUASW52YWxpZCBjaGFyYWN0ZXIgaW4gY2h1bmsgZXh0ZW5zaW9ucyBuYW1lAE1pc3NpbmcgZXhwZWN0ZWQgQ1IgYWZ0ZXIgY2h1bmsgZXh0ZW5zaW9uIG5hbWUASW52YWxpZCBzdGF0dXMgY29kZQBQYXVzZSBvbiBDT05ORUNUL1VwZ3JhZGUAUGF1c2Ugb24gUFJJL1VwZ3JhZGUARXhwZWN0ZWQgSFRUUC8yIENvbm5lY3Rpb24gUHJlZmFjZQBTcGFuIGNhbGxiYWNrIGVycm9yIGluIG9uX21ldGhvZABFeHBlY3RlZCBzcGFjZSBhZnRlciBtZXRob2QAU3BhbiBjYWxsYmFjayBlcnJvciBpbiBvbl9oZWFkZXJfZmllbGQAUGF1c2VkAEludmFsaWQgd29yZCBlbmNvdW50ZXJlZABJbnZhbGlkIG1ldGhvZCBlbmNvdW50ZXJlZABNaXNzaW5nIGV4cGVjdGVkIENSIGFmdGVyIGNodW5rIGRhdGEARXhwZWN0ZWQgTEYgYWZ0ZXIgY2h1bmsgZGF0YQBVbmV4cGVjdGVkIGNoYXIgaW4gdXJsIHNjaGVtYQBSZXF1ZXN0IGhhcyBpbnZhbGlkIGBUcmFuc2Zlci1FbmNvZGluZ2AARGF0YSBhZnRlciBgQ29ubmVjdGlvbjogY2xvc2VgAFNXSVRDSF9QUk9YWQBVU0VfUFJPWFkATUtBQ1RJVklUWQBVTlBST0NFU1NBQkxFX0VOVElUWQBRVUVSWQBDT1BZAE1PVkVEX1BFUk1BTkVOVExZAFRPT19FQVJMWQBOT1RJRlkARkFJTEVEX0RFUEVOREVOQ1kAQkFEX0dBVEVXQVkAUExBWQBQVVQAQ0hFQ0tPVVQAR0FURVdBWV9USU1FT1VUAFJFUVVFU1RfVElNRU9VVABORVRXT1JLX0NPTk5FQ1RfVElNRU9VVABDT05ORUNUSU9OX1RJTUVPVVQATE9HSU5fVElNRU9VVABORVRXT1JLX1JFQURfVElNRU9VVABQT1NUAE1JU0RJUkVDVEVEX1JFUVVFU1QAQ0xJRU5UX0NMT1NFRF9SRVFVRVNUAENMSUVOVF9DTE9TRURfTE9BRF9CQUxBTkNFRF9SRVFVRVNUAEJBRF9SRVFVRVNUAEhUVFBfUkVRVUVTVF9TRU5UX1RPX0hUVFBTX1BPUlQAUkVQT1JUAElNX0FfVEVBUE9UAFJFU0VUX0NPTlRFTlQATk9fQ09OVEVOVABQQVJUSUFMX0NPTlRFTlQASFBFX0lOVkFMSURfQ09OU1RBTlQASFBFX0NCX1JFU0VUAEdFVABIUEVfU1RSSUNUAENPTkZMSUNUAFRFTVBPUkFSWV9SRURJUkVDVABQRVJNQU5FTlRfUkVESVJFQ1QAQ09OTkVDVABNVUxUSV9TVEFUVVMASFBFX0lOVkFMSURfU1RBVFVTAFRPT19NQU5ZX1JFUVVFU1RTAEVBUkxZX0hJTlRTAFVOQVZBSUxBQkxFX0ZPUl9MRUdBTF9SRUFTT05TAE9QVElPTlMAU1dJVENISU5HX1BST1RPQ09MUwBWQVJJQU5UX0FMU09fTkVHT1RJQVRFUwBNVUxUSVBMRV9DSE9JQ0VTAElOVEVSTkFMX1NFUlZFUl9FUlJPUgBXRUJfU0VSVkVSX1VOS05PV05fRVJST1IAUkFJTEdVTl9FUlJPUgBJREVOVElUWV9QUk9WSURFUl9BVVRIRU5USUNBVElPTl9FUlJPUgBTU0xfQ0VSVElGSUNBVEVfRVJST1IASU5WQUxJRF9YX0ZPUldBUkRFRF9GT1IAU0VUX1BBUkFNRVRFUgBHRVRfUEFSQU1FVEVSAEhQRV9VU0VSAFNFRV9PVEhFUgBIUEVfQ0JfQ0hVTktfSEVBREVSAEV4cGVjdGVkIExGIGFmdGVyIENSAE1LQ0FMRU5EQVIAU0VUVVAAV0VCX1NFUlZFUl9JU19ET1dOAFRFQVJET1dOAEhQRV9DTE9TRURfQ09OTkVDVElPTgBIRVVSSVNUSUNfRVhQSVJBVElPTgBESVNDT05ORUNURURfT1BFUkFUSU9OAE5PTl9BVVRIT1JJVEFUSVZFX0lORk9STUFUSU9OAEhQRV9JTlZBTElEX1ZFUlNJT04ASFBFX0NCX01FU1NBR0VfQkVHSU4AU0lURV9JU19GUk9aRU4ASFBFX0lOVkFMSURfSEVBREVSX1RPS0VOAElOVkFMSURfVE9LRU4ARk9SQklEREVOAEVOSEFOQ0VfWU9VUl9DQUxNAEhQRV9JTlZBTElEX1VSTABCTE9DS0VEX0JZX1BBUkVOVEFMX0NPTlRST0wATUtDT0wAQUNMAEhQRV9JTlRFUk5BTABSRVFVRVNUX0hFQURFUl9GSUVMRFNfVE9PX0xBUkdFX1VOT0ZGSUNJQUwASFBFX09LAFVOTElOSwBVTkxPQ0sAUFJJAFJFVFJZX1dJVEgASFBFX0lOVkFMSURfQ09OVEVOVF9MRU5HVEgASFBFX1VORVhQRUNURURfQ09OVEVOVF9MRU5HVEgARkxVU0gAUFJPUFBBVENIAE0tU0VBUkNIAFVSSV9UT09fTE9ORwBQUk9DRVNTSU5HAE1JU0NFTExBTkVPVVNfUEVSU0lTVEVOVF9XQVJOSU5HAE1JU0NFTExBTkVPVVNfV0FSTklORwBIUEVfSU5WQUxJRF9UUkFOU0ZFUl9FTkNPRElORwBFeHBlY3RlZCBDUkxGAEhQRV9JTlZBTElEX0NIVU5LX1NJWkUATU9WRQBDT05USU5VRQBIUEVfQ0JfU1RBVFVTX0NPTVBMRVRFAEhQRV9DQl9IRUFERVJTX0NPTVBMRVRFAEhQRV9DQl9WRVJTSU9OX0NPTVBMRVRFAEhQRV9DQl9VUkxfQ09NUExFVEUASFBFX0NCX1BST1RPQ09MX0NPTVBMRVRFAEhQRV9DQl9DSFVOS19DT01QTEVURQBIUEVfQ0JfSEVBREVSX1ZBTFVFX0NPTVBMRVRFAEhQRV9DQl9DSFVOS19FWFRFTlNJT05fVkFMVUVfQ09NUExFVEUASFBFX0NCX0NIVU5LX0VYVEVOU0lPTl9OQU1FX0NPTVBMRVRFAEhQRV9DQl9NRVNTQUdFX0NPTVBMRVRFAEhQRV9DQl9NRVRIT0RfQ09NUExFVEUASFBFX0NCX0hFQURFUl9GSUVMRF9DT01QTEVURQBERUxFVEUASFBFX0lOVkFMSURfRU9GX1NUQVRFAElOVkFMSURfU1NMX0NFUlRJRklDQVRFAFBBVVNFAE5PX1JFU1BPTlNFAFVOU1VQUE9SVEVEX01FRElBX1RZUEUAR09ORQBOT1RfQUNDRVBUQUJMRQBTRVJWSUNFX1VOQVZBSUxBQkxFAFJBTkdFX05PVF9TQVRJU0ZJQUJMRQBPUklHSU5fSVNfVU5SRUFDSEFCTEUAUkVTUE9OU0VfSVNfU1RBTEUAUFVSR0UATUVSR0UAUkVRVUVTVF9IRUFERVJfRklFTERTX1RPT19MQVJHRQBSRVFVRVNUX0hFQURFUl9UT09fTEFSR0UAUEFZTE9BRF9UT09fTEFSR0UASU5TVUZGSUNJRU5UX1NUT1JBR0UASFBFX1BBVVNFRF9VUEdSQURFAEhQRV9QQVVTRURfSDJfVVBHUkFERQBTT1VSQ0UAQU5OT1VOQ0UAVFJBQ0UASFBFX1VORVhQRUNURURfU1BBQ0UAREVTQ1JJQkUAVU5TVUJTQ1JJQkUAUkVDT1JEAEhQRV9JTlZBTElEX01FVEhPRABOT1RfRk9VTkQAUFJPUEZJTkQAVU5CSU5EAFJFQklORABVTkFVVEhPUklaRUQATUVUSE9EX05PVF9BTExPV0VEAEhUVFBfVkVSU0lPTl9OT1RfU1VQUE9SVEVEAEFMUkVBRFlfUkVQT1JURUQAQUNDRVBURUQATk9UX0lNUExFTUVOVEVEAExPT1BfREVURUNURUQASFBFX0NSX0VYUEVDVEVEAEhQRV9MRl9FWFBFQ1RFRABDUkVBVEVEAElNX1VTRUQASFBFX1BBVVNFRABUSU1FT1VUX09DQ1VSRUQAUEFZTUVOVF9SRVFVSVJFRABQUkVDT05ESVRJT05fUkVRVUlSRUQAUFJPWFlfQVVUSEVOVElDQVRJT05fUkVRVUlSRUQATkVUV09SS19BVVRIRU5USUNBVElPTl9SRVFVSVJFRABMRU5HVEhfUkVRVUlSRUQAU1NMX0NFUlRJRklDQVRFX1JFUVVJUkVEAFVQR1JBREVfUkVRVUlSRUQAUEFHRV9FWFBJUkVEAFBSRUNPTkRJVElPTl9GQUlMRUQARVhQRUNUQVRJT05fRkFJTEVEAFJFVkFMSURBVElPTl9GQUlMRUQAU1NMX0hBTkRTSEFLRV9GQUlMRUQATE9DS0VEAFRSQU5TRk9STUFUSU9OX0FQUExJRUQATk9UX01PRElGSUVEAE5PVF9FWFRFTkRFRABCQU5EV0lEVEhfTElNSVRfRVhDRUVERUQAU0lURV9JU19PVkVSTE9BREVEAEhFQUQARXhwZWN0ZWQgSFRUUC8sIFJUU1AvIG9yIElDRS8A5xUAAK8VAACkEgAAkhoAACYWAACeFAAA2xkAAHkVAAB+EgAA/hQAADYVAAALFgAA2BYAAPMSAABCGAAArBYAABIVAAAUFwAA7xcAAEgUAABxFwAAshoAAGsZAAB+GQAANRQAAIIaAABEFwAA/RYAAB4YAACHFwAAqhkAAJMSAAAHGAAALBcAAMoXAACkFwAA5xUAAOcVAABYFwAAOxgAAKASAAAtHAAAwxEAAEgRAADeEgAAQhMAAKQZAAD9EAAA9xUAAKUVAADvFgAA+BkAAEoWAABWFgAA9RUAAAoaAAAIGgAAARoAAKsVAABCEgAA1xAAAEwRAAAFGQAAVBYAAB4RAADKGQAAyBkAAE4WAAD/GAAAcRQAAPAVAADuFQAAlBkAAPwVAAC/GQAAmxkAAHwUAABDEQAAcBgAAJUUAAAnFAAAGRQAANUSAADUGQAARBYAAPcQAEG5OwsBAQBB0DsL4AEBAQIBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEDAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQBBuj0LBAEAAAIAQdE9C14DBAMDAwMDAAADAwADAwADAwMDAwMDAwMDAAUAAAAAAAMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAAAAAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMAAwADAEG6PwsEAQAAAgBB0T8LXgMAAwMDAwMAAAMDAAMDAAMDAwMDAwMDAwMABAAFAAAAAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMAAAADAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwADAAMAQbDBAAsNbG9zZWVlcC1hbGl2ZQBBycEACwEBAEHgwQAL4AEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQBBycMACwEBAEHgwwAL5wEBAQEBAQEBAQEBAQECAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAWNodW5rZWQAQfHFAAteAQABAQEBAQAAAQEAAQEAAQEBAQEBAQEBAQAAAAAAAAABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQAAAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAAEAAQBB0McACyFlY3Rpb25lbnQtbGVuZ3Rob25yb3h5LWNvbm5lY3Rpb24AQYDIAAsgcmFuc2Zlci1lbmNvZGluZ3BncmFkZQ0KDQpTTQ0KDQoAQanIAAsFAQIAAQMAQcDIAAtfBAUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUAQanKAAsFAQIAAQMAQcDKAAtfBAUFBgUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUAQanMAAsEAQAAAQBBwcwAC14CAgACAgICAgICAgICAgICAgICAgICAgICAgICAgIAAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAEGpzgALBQECAAEDAEHAzgALXwQFAAAFBQUFBQUFBQUFBQYFBQUFBQUFBQUFBQUABQAHCAUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQAFAAUABQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUAAAAFAEGp0AALBQEBAAEBAEHA0AALAQEAQdrQAAtBAgAAAAAAAAMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAAAAAAAAAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMAQanSAAsFAQEAAQEAQcDSAAsBAQBBytIACwYCAAAAAAIAQeHSAAs6AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMAAAAAAAADAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwBBoNQAC50BTk9VTkNFRUNLT1VUTkVDVEVURUNSSUJFTFVTSEVURUFEU0VBUkNIUkdFQ1RJVklUWUxFTkRBUlZFT1RJRllQVElPTlNDSFNFQVlTVEFUQ0hHRVVFUllPUkRJUkVDVE9SVFJDSFBBUkFNRVRFUlVSQ0VCU0NSSUJFQVJET1dOQUNFSU5ETktDS1VCU0NSSUJFVFRQQ0VUU1BBRFRQLw=='

let wasmBuffer

Object.defineProperty(module, 'exports', {
  get: () => {
    return wasmBuffer
      ? wasmBuffer
      : (wasmBuffer = Buffer.from(wasmBase64, 'base64'))
  }
})


/***/ }),

/***/ 5075:
/***/ ((__unused_webpack_module, exports) => {


Object.defineProperty(exports, "__esModule", ({ value: true }));
exports.enumToMap = enumToMap;
function enumToMap(obj, filter = [], exceptions = []) {
    const emptyFilter = (filter?.length ?? 0) === 0;
    const emptyExceptions = (exceptions?.length ?? 0) === 0;
    return Object.fromEntries(Object.entries(obj).filter(([, value]) => {
        return (typeof value === 'number' &&
            (emptyFilter || filter.includes(value)) &&
            (emptyExceptions || !exceptions.includes(value)));
    }));
}


/***/ }),

/***/ 5469:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {



const {
  kConnected,
  kPending,
  kRunning,
  kSize,
  kFree,
  kQueued
} = __nccwpck_require__(3528)

class ClientStats {
  constructor (client) {
    this.connected = client[kConnected]
    this.pending = client[kPending]
    this.running = client[kRunning]
    this.size = client[kSize]
  }
}

class PoolStats {
  constructor (pool) {
    this.connected = pool[kConnected]
    this.free = pool[kFree]
    this.pending = pool[kPending]
    this.queued = pool[kQueued]
    this.running = pool[kRunning]
    this.size = pool[kSize]
  }
}

module.exports = { ClientStats, PoolStats }


/***/ }),

/***/ 7006:
/***/ ((module) => {



/**
 * This module offers an optimized timer implementation designed for scenarios
 * where high precision is not critical.
 *
 * The timer achieves faster performance by using a low-resolution approach,
 * with an accuracy target of within 500ms. This makes it particularly useful
 * for timers with delays of 1 second or more, where exact timing is less
 * crucial.
 *
 * It's important to note that Node.js timers are inherently imprecise, as
 * delays can occur due to the event loop being blocked by other operations.
 * Consequently, timers may trigger later than their scheduled time.
 */

/**
 * The fastNow variable contains the internal fast timer clock value.
 *
 * @type {number}
 */
let fastNow = 0

/**
 * RESOLUTION_MS represents the target resolution time in milliseconds.
 *
 * @type {number}
 * @default 1000
 */
const RESOLUTION_MS = 1e3

/**
 * TICK_MS defines the desired interval in milliseconds between each tick.
 * The target value is set to half the resolution time, minus 1 ms, to account
 * for potential event loop overhead.
 *
 * @type {number}
 * @default 499
 */
const TICK_MS = (RESOLUTION_MS >> 1) - 1

/**
 * fastNowTimeout is a Node.js timer used to manage and process
 * the FastTimers stored in the `fastTimers` array.
 *
 * @type {NodeJS.Timeout}
 */
let fastNowTimeout

/**
 * The kFastTimer symbol is used to identify FastTimer instances.
 *
 * @type {Symbol}
 */
const kFastTimer = Symbol('kFastTimer')

/**
 * The fastTimers array contains all active FastTimers.
 *
 * @type {FastTimer[]}
 */
const fastTimers = []

/**
 * These constants represent the various states of a FastTimer.
 */

/**
 * The `NOT_IN_LIST` constant indicates that the FastTimer is not included
 * in the `fastTimers` array. Timers with this status will not be processed
 * during the next tick by the `onTick` function.
 *
 * A FastTimer can be re-added to the `fastTimers` array by invoking the
 * `refresh` method on the FastTimer instance.
 *
 * @type {-2}
 */
const NOT_IN_LIST = -2

/**
 * The `TO_BE_CLEARED` constant indicates that the FastTimer is scheduled
 * for removal from the `fastTimers` array. A FastTimer in this state will
 * be removed in the next tick by the `onTick` function and will no longer
 * be processed.
 *
 * This status is also set when the `clear` method is called on the FastTimer instance.
 *
 * @type {-1}
 */
const TO_BE_CLEARED = -1

/**
 * The `PENDING` constant signifies that the FastTimer is awaiting processing
 * in the next tick by the `onTick` function. Timers with this status will have
 * their `_idleStart` value set and their status updated to `ACTIVE` in the next tick.
 *
 * @type {0}
 */
const PENDING = 0

/**
 * The `ACTIVE` constant indicates that the FastTimer is active and waiting
 * for its timer to expire. During the next tick, the `onTick` function will
 * check if the timer has expired, and if so, it will execute the associated callback.
 *
 * @type {1}
 */
const ACTIVE = 1

/**
 * The onTick function processes the fastTimers array.
 *
 * @returns {void}
 */
function onTick () {
  /**
   * Increment the fastNow value by the TICK_MS value, despite the actual time
   * that has passed since the last tick. This approach ensures independence
   * from the system clock and delays caused by a blocked event loop.
   *
   * @type {number}
   */
  fastNow += TICK_MS

  /**
   * The `idx` variable is used to iterate over the `fastTimers` array.
   * Expired timers are removed by replacing them with the last element in the array.
   * Consequently, `idx` is only incremented when the current element is not removed.
   *
   * @type {number}
   */
  let idx = 0

  /**
   * The len variable will contain the length of the fastTimers array
   * and will be decremented when a FastTimer should be removed from the
   * fastTimers array.
   *
   * @type {number}
   */
  let len = fastTimers.length

  while (idx < len) {
    /**
     * @type {FastTimer}
     */
    const timer = fastTimers[idx]

    // If the timer is in the ACTIVE state and the timer has expired, it will
    // be processed in the next tick.
    if (timer._state === PENDING) {
      // Set the _idleStart value to the fastNow value minus the TICK_MS value
      // to account for the time the timer was in the PENDING state.
      timer._idleStart = fastNow - TICK_MS
      timer._state = ACTIVE
    } else if (
      timer._state === ACTIVE &&
      fastNow >= timer._idleStart + timer._idleTimeout
    ) {
      timer._state = TO_BE_CLEARED
      timer._idleStart = -1
      timer._onTimeout(timer._timerArg)
    }

    if (timer._state === TO_BE_CLEARED) {
      timer._state = NOT_IN_LIST

      // Move the last element to the current index and decrement len if it is
      // not the only element in the array.
      if (--len !== 0) {
        fastTimers[idx] = fastTimers[len]
      }
    } else {
      ++idx
    }
  }

  // Set the length of the fastTimers array to the new length and thus
  // removing the excess FastTimers elements from the array.
  fastTimers.length = len

  // If there are still active FastTimers in the array, refresh the Timer.
  // If there are no active FastTimers, the timer will be refreshed again
  // when a new FastTimer is instantiated.
  if (fastTimers.length !== 0) {
    refreshTimeout()
  }
}

function refreshTimeout () {
  // If the fastNowTimeout is already set and the Timer has the refresh()-
  // method available, call it to refresh the timer.
  // Some timer objects returned by setTimeout may not have a .refresh()
  // method (e.g. mocked timers in tests).
  if (fastNowTimeout?.refresh) {
    fastNowTimeout.refresh()
    // fastNowTimeout is not instantiated yet or refresh is not availabe,
    // create a new Timer.
  } else {
    clearTimeout(fastNowTimeout)
    fastNowTimeout = setTimeout(onTick, TICK_MS)
    // If the Timer has an unref method, call it to allow the process to exit,
    // if there are no other active handles. When using fake timers or mocked
    // environments (like Jest), .unref() may not be defined,
    fastNowTimeout?.unref()
  }
}

/**
 * The `FastTimer` class is a data structure designed to store and manage
 * timer information.
 */
class FastTimer {
  [kFastTimer] = true

  /**
   * The state of the timer, which can be one of the following:
   * - NOT_IN_LIST (-2)
   * - TO_BE_CLEARED (-1)
   * - PENDING (0)
   * - ACTIVE (1)
   *
   * @type {-2|-1|0|1}
   * @private
   */
  _state = NOT_IN_LIST

  /**
   * The number of milliseconds to wait before calling the callback.
   *
   * @type {number}
   * @private
   */
  _idleTimeout = -1

  /**
   * The time in milliseconds when the timer was started. This value is used to
   * calculate when the timer should expire.
   *
   * @type {number}
   * @default -1
   * @private
   */
  _idleStart = -1

  /**
   * The function to be executed when the timer expires.
   * @type {Function}
   * @private
   */
  _onTimeout

  /**
   * The argument to be passed to the callback when the timer expires.
   *
   * @type {*}
   * @private
   */
  _timerArg

  /**
   * @constructor
   * @param {Function} callback A function to be executed after the timer
   * expires.
   * @param {number} delay The time, in milliseconds that the timer should wait
   * before the specified function or code is executed.
   * @param {*} arg
   */
  constructor (callback, delay, arg) {
    this._onTimeout = callback
    this._idleTimeout = delay
    this._timerArg = arg

    this.refresh()
  }

  /**
   * Sets the timer's start time to the current time, and reschedules the timer
   * to call its callback at the previously specified duration adjusted to the
   * current time.
   * Using this on a timer that has already called its callback will reactivate
   * the timer.
   *
   * @returns {void}
   */
  refresh () {
    // In the special case that the timer is not in the list of active timers,
    // add it back to the array to be processed in the next tick by the onTick
    // function.
    if (this._state === NOT_IN_LIST) {
      fastTimers.push(this)
    }

    // If the timer is the only active timer, refresh the fastNowTimeout for
    // better resolution.
    if (!fastNowTimeout || fastTimers.length === 1) {
      refreshTimeout()
    }

    // Setting the state to PENDING will cause the timer to be reset in the
    // next tick by the onTick function.
    this._state = PENDING
  }

  /**
   * The `clear` method cancels the timer, preventing it from executing.
   *
   * @returns {void}
   * @private
   */
  clear () {
    // Set the state to TO_BE_CLEARED to mark the timer for removal in the next
    // tick by the onTick function.
    this._state = TO_BE_CLEARED

    // Reset the _idleStart value to -1 to indicate that the timer is no longer
    // active.
    this._idleStart = -1
  }
}

/**
 * This module exports a setTimeout and clearTimeout function that can be
 * used as a drop-in replacement for the native functions.
 */
module.exports = {
  /**
   * The setTimeout() method sets a timer which executes a function once the
   * timer expires.
   * @param {Function} callback A function to be executed after the timer
   * expires.
   * @param {number} delay The time, in milliseconds that the timer should
   * wait before the specified function or code is executed.
   * @param {*} [arg] An optional argument to be passed to the callback function
   * when the timer expires.
   * @returns {NodeJS.Timeout|FastTimer}
   */
  setTimeout (callback, delay, arg) {
    // If the delay is less than or equal to the RESOLUTION_MS value return a
    // native Node.js Timer instance.
    return delay <= RESOLUTION_MS
      ? setTimeout(callback, delay, arg)
      : new FastTimer(callback, delay, arg)
  },
  /**
   * The clearTimeout method cancels an instantiated Timer previously created
   * by calling setTimeout.
   *
   * @param {NodeJS.Timeout|FastTimer} timeout
   */
  clearTimeout (timeout) {
    // If the timeout is a FastTimer, call its own clear method.
    if (timeout[kFastTimer]) {
      /**
       * @type {FastTimer}
       */
      timeout.clear()
      // Otherwise it is an instance of a native NodeJS.Timeout, so call the
      // Node.js native clearTimeout function.
    } else {
      clearTimeout(timeout)
    }
  },
  /**
   * The setFastTimeout() method sets a fastTimer which executes a function once
   * the timer expires.
   * @param {Function} callback A function to be executed after the timer
   * expires.
   * @param {number} delay The time, in milliseconds that the timer should
   * wait before the specified function or code is executed.
   * @param {*} [arg] An optional argument to be passed to the callback function
   * when the timer expires.
   * @returns {FastTimer}
   */
  setFastTimeout (callback, delay, arg) {
    return new FastTimer(callback, delay, arg)
  },
  /**
   * The clearTimeout method cancels an instantiated FastTimer previously
   * created by calling setFastTimeout.
   *
   * @param {FastTimer} timeout
   */
  clearFastTimeout (timeout) {
    timeout.clear()
  },
  /**
   * The now method returns the value of the internal fast timer clock.
   *
   * @returns {number}
   */
  now () {
    return fastNow
  },
  /**
   * Trigger the onTick function to process the fastTimers array.
   * Exported for testing purposes only.
   * Marking as deprecated to discourage any use outside of testing.
   * @deprecated
   * @param {number} [delay=0] The delay in milliseconds to add to the now value.
   */
  tick (delay = 0) {
    fastNow += delay - RESOLUTION_MS + 1
    onTick()
    onTick()
  },
  /**
   * Reset FastTimers.
   * Exported for testing purposes only.
   * Marking as deprecated to discourage any use outside of testing.
   * @deprecated
   */
  reset () {
    fastNow = 0
    fastTimers.length = 0
    clearTimeout(fastNowTimeout)
    fastNowTimeout = null
  },
  /**
   * Exporting for testing purposes only.
   * Marking as deprecated to discourage any use outside of testing.
   * @deprecated
   */
  kFastTimer
}


/***/ }),

/***/ 4589:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:assert");

/***/ }),

/***/ 6698:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:async_hooks");

/***/ }),

/***/ 4573:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:buffer");

/***/ }),

/***/ 7598:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:crypto");

/***/ }),

/***/ 3053:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:diagnostics_channel");

/***/ }),

/***/ 6093:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:events");

/***/ }),

/***/ 7067:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:http");

/***/ }),

/***/ 7030:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:net");

/***/ }),

/***/ 1792:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:querystring");

/***/ }),

/***/ 7075:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:stream");

/***/ }),

/***/ 1692:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:tls");

/***/ }),

/***/ 3136:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:url");

/***/ }),

/***/ 7975:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:util");

/***/ }),

/***/ 8522:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:zlib");

/***/ }),

/***/ 4635:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.r(__webpack_exports__);
/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   awsSignature: () => (/* binding */ awsSignature),
/* harmony export */   sign: () => (/* binding */ sign)
/* harmony export */ });
/* harmony import */ var _canonical_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(9631);

/** Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
const awsSignature = ({ auth, credentials, region, clock }) => ({
    authorize({ method, url, headers, body }) {
        const date = (0,_canonical_js__WEBPACK_IMPORTED_MODULE_0__/* .timestamp */ .vE)(clock.date());
        const added = { "x-amz-date": date };
        if (credentials["security-token"])
            added["x-amz-security-token"] = credentials["security-token"];
        const kept = Object.entries(headers).filter(([name]) => name === "content-type" || name.startsWith("x-amz-"));
        const signed = { host: url.host, ...added, ...Object.fromEntries(kept) };
        const request = { method, url, headers: signed, ...(body !== undefined && { body }) };
        const scope = { date, region: region ?? "", service: auth.service ?? "" };
        const authorization = sign(request, scope, credentials["access-key"] ?? "", credentials["secret-key"] ?? "");
        return Promise.resolve({ ...added, authorization });
    },
});
/** The `Authorization` value for a request whose headers are exactly those to be signed. */
function sign(request, { date, region, service }, accessKey, secretKey) {
    // Every service but S3 encodes the path a second time.
    const { text, names } = (0,_canonical_js__WEBPACK_IMPORTED_MODULE_0__/* .canonical */ .$N)(request, request.url.pathname.split("/").map(_canonical_js__WEBPACK_IMPORTED_MODULE_0__/* .encode */ .lF).join("/"));
    const day = date.slice(0, 8);
    const scope = `${day}/${region}/${service}/aws4_request`;
    const key = [day, region, service, "aws4_request"].reduce(_canonical_js__WEBPACK_IMPORTED_MODULE_0__/* .hmac */ .w8, `AWS4${secretKey}`);
    const signature = (0,_canonical_js__WEBPACK_IMPORTED_MODULE_0__/* .hmac */ .w8)(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${(0,_canonical_js__WEBPACK_IMPORTED_MODULE_0__/* .sha256 */ .sc)(text)}`).toString("hex");
    return `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}


/***/ }),

/***/ 3099:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.r(__webpack_exports__);
/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   basic: () => (/* binding */ basic),
/* harmony export */   basicPair: () => (/* binding */ basicPair)
/* harmony export */ });
/** `Authorization: Basic` with a password or a token in its place: https://www.rfc-editor.org/rfc/rfc7617 */
const basic = ({ credentials: { username, password, token }, mask }) => sendPair(`${username ?? ""}:${password ?? token ?? ""}`, mask);
/** With `user:password` as one credential. */
const basicPair = ({ credentials: { token = "" }, mask }) => {
    mask(token.slice(token.indexOf(":") + 1));
    return sendPair(token, mask);
};
function sendPair(pair, mask) {
    const encoded = Buffer.from(pair).toString("base64");
    mask(encoded);
    return { authorize: () => Promise.resolve({ authorization: `Basic ${encoded}` }) };
}


/***/ }),

/***/ 1328:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.r(__webpack_exports__);
/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   bearer: () => (/* binding */ bearer)
/* harmony export */ });
/** `Authorization: Bearer`: https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
const bearer = ({ credentials }) => ({
    authorize: () => Promise.resolve({ authorization: `Bearer ${credentials.token ?? ""}` }),
});


/***/ }),

/***/ 9631:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   $N: () => (/* binding */ canonical),
/* harmony export */   lF: () => (/* binding */ encode),
/* harmony export */   sc: () => (/* binding */ sha256),
/* harmony export */   vE: () => (/* binding */ timestamp),
/* harmony export */   w8: () => (/* binding */ hmac)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(7598);
/** A request in the one spelling that both sides of a signature agree on: AWS's, which Huawei's follows. */

/** `path` is the canonical one, which the schemes spell differently. All headers of the request are signed. */
function canonical(request, path) {
    const headers = Object.entries(request.headers)
        .map(([name, value]) => [name.toLowerCase(), value.trim()])
        .sort(byKey);
    const query = [...request.url.searchParams].map(([key, value]) => [encode(key), encode(value)]).sort(byKey);
    const names = headers.map(([name]) => name).join(";");
    const text = [
        request.method,
        path,
        query.map(([key, value]) => `${key}=${value}`).join("&"),
        headers.map(([name, value]) => `${name}:${value}\n`).join(""),
        names,
        sha256(request.body ?? ""),
    ].join("\n");
    return { text, names };
}
const byKey = ([a, x], [b, y]) => a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1;
const sha256 = (text) => (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)("sha256").update(text).digest("hex");
const hmac = (key, text) => (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHmac)("sha256", key).update(text).digest();
/** RFC 3986, with `!'()*` encoded too. */
const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
/** YYYYMMDDTHHMMSSZ */
const timestamp = (date) => date.toISOString().replace(/[-:]|\.\d{3}/g, "");


/***/ }),

/***/ 7542:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   N: () => (/* binding */ cookiesOf)
/* harmony export */ });
/* harmony import */ var _text_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(9355);
/** The cookies that a reply sets. */

/** As the header `cookie` carries them, empty where there are none. Their attributes are for browsers, which keep them longer than a step. */
function cookiesOf(headers) {
    return (0,_text_js__WEBPACK_IMPORTED_MODULE_0__/* .head */ .d5)(headers["set-cookie"] ?? "")
        .split(/, (?=[^;,]+=)/)
        .map((cookie) => cookie.split(";")[0])
        .join("; ");
}


/***/ }),

/***/ 4641:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.r(__webpack_exports__);
/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   googleCredentials: () => (/* binding */ googleCredentials)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(7598);
/* harmony import */ var _text_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(9355);
/* harmony import */ var _google_file_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(9233);
/* harmony import */ var _once_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(5176);
/* harmony import */ var _scheme_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(1374);





const cloudPlatform = "https://www.googleapis.com/auth/cloud-platform";
/** An access token in return for what a credential file says, and another one before that is over. */
const googleCredentials = (context) => {
    const credential = JSON.parse(context.credentials.token ?? "{}");
    const token = (0,_once_js__WEBPACK_IMPORTED_MODULE_3__/* .renewed */ .F)(context.clock, () => issued(credential, context));
    return { authorize: async () => ({ authorization: `Bearer ${await token()}` }) };
};
async function issued(credential, context) {
    if (credential.type === "service_account")
        return await bySignature(credential, context);
    if (credential.type === "external_account")
        return await byExchange(credential, context);
    const { clientId, clientSecret, refreshToken } = credential;
    return await fromForm(context, _google_file_js__WEBPACK_IMPORTED_MODULE_2__/* .tokenEndpoint */ .l, {
        grant_type: "refresh_token",
        client_id: clientId,
        client_secret: clientSecret,
        refresh_token: refreshToken,
    });
}
/** https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests */
async function bySignature({ email, keyId, key }, context) {
    const now = Math.floor(context.clock.date().getTime() / 1000);
    const header = { alg: "RS256", typ: "JWT", ...(keyId !== undefined && { kid: keyId }) };
    const claims = { iss: email, scope: cloudPlatform, aud: _google_file_js__WEBPACK_IMPORTED_MODULE_2__/* .tokenEndpoint */ .l, iat: now, exp: now + 3600 };
    const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    const assertion = `${text}.${signed(text, key)}`;
    context.mask(assertion);
    const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    return await fromForm(context, _google_file_js__WEBPACK_IMPORTED_MODULE_2__/* .tokenEndpoint */ .l, { grant_type, assertion });
}
function signed(text, key) {
    try {
        return (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createSign)("RSA-SHA256").update(text).sign(key, "base64url");
    }
    catch {
        throw new _scheme_js__WEBPACK_IMPORTED_MODULE_4__/* .Denied */ .Cb("the private_key of the credential file is no key that can sign");
    }
}
/** https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token, then, where the file names a service account, its token. */
async function byExchange(credential, context) {
    const { audience, tokenType, tokenUrl, impersonationUrl, seconds } = credential;
    const subject = await subjectToken(credential, context);
    context.mask(subject);
    const federated = await fromForm(context, tokenUrl, {
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        audience,
        scope: impersonationUrl === undefined ? cloudPlatform : "https://www.googleapis.com/auth/iam",
        requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
        subject_token: subject,
        subject_token_type: tokenType,
    });
    if (impersonationUrl === undefined)
        return federated;
    const body = await answer(context, {
        method: "POST",
        url: new URL(impersonationUrl),
        headers: { "content-type": "application/json", authorization: `Bearer ${federated.value}` },
        body: JSON.stringify({ scope: [cloudPlatform], lifetime: `${seconds}s` }),
    });
    return lasting(body["accessToken"], seconds, context);
}
async function subjectToken({ subject }, context) {
    if ("token" in subject)
        return subject.token;
    const { url, headers, field } = subject;
    const request = { method: "GET", url: new URL(url), headers };
    const reply = await context.send(field === undefined ? { ...request, text: true } : request);
    const token = field === undefined ? reply.body : reply.body?.[field];
    if (reply.status === 200 && typeof token === "string" && token !== "")
        return token.trim();
    throw refusal(request.url, reply, "the job's token service");
}
async function fromForm(context, address, fields) {
    const body = await answer(context, {
        method: "POST",
        url: new URL(address),
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(fields).toString(),
    });
    const seconds = Number(body["expires_in"]);
    return lasting(body["access_token"], seconds > 0 ? seconds : 3600, context);
}
async function answer({ send }, request) {
    const reply = await send(request);
    if (reply.status !== 200)
        throw refusal(request.url, reply, "Google");
    return (reply.body ?? {});
}
/** A token that has but five minutes left is replaced. */
function lasting(value, seconds, { clock, mask }) {
    if (typeof value !== "string" || value === "")
        throw new _scheme_js__WEBPACK_IMPORTED_MODULE_4__/* .Denied */ .Cb("Google's answer has no token in it");
    mask(value);
    return { value, until: clock.now() + Math.max(60, seconds - 300) * 1000 };
}
/** A server that does not work says nothing of the credential. */
function refusal({ host }, { status, body }, who) {
    const { error, error_description: described, message } = (body ?? {});
    const nested = error?.["message"];
    const words = [error, described, nested, message].filter((one) => typeof one === "string").join(": ");
    const said = `${who} gave no token (${host} answered ${status}${words ? `: ${(0,_text_js__WEBPACK_IMPORTED_MODULE_1__/* .oneLine */ .TN)(words, 200)}` : ""})`;
    return status >= 500 ? new _scheme_js__WEBPACK_IMPORTED_MODULE_4__/* .Unavailable */ .$P(said) : new _scheme_js__WEBPACK_IMPORTED_MODULE_4__/* .Denied */ .Cb(said);
}


/***/ }),

/***/ 9233:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   E: () => (/* binding */ readGoogleFile),
/* harmony export */   l: () => (/* binding */ tokenEndpoint)
/* harmony export */ });
/* harmony import */ var _text_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(9355);
/* harmony import */ var _scheme_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(1374);
/**
 * A credential file of Google, read and checked before anything is sent:
 * https://cloud.google.com/docs/authentication/application-default-credentials
 */


/** Where the key of a service account and the token of a user go, whatever their file says. */
const tokenEndpoint = "https://oauth2.googleapis.com/token";
const readGoogleFile = (text, at) => {
    const file = fieldsOf(parsed(text));
    if (file === undefined)
        throw new _scheme_js__WEBPACK_IMPORTED_MODULE_1__/* .Unusable */ .kO("which is no JSON of a credential");
    const type = wordOf(file["type"]);
    const universe = file["universe_domain"];
    if (universe !== undefined && universe !== "googleapis.com")
        throw new _scheme_js__WEBPACK_IMPORTED_MODULE_1__/* .Unusable */ .kO(`which is for ${shown(universe)}; only googleapis.com is known`);
    if (type === "service_account")
        return serviceAccount(file);
    if (type === "authorized_user")
        return authorizedUser(file);
    if (type === "external_account")
        return externalAccount(file, at);
    throw new _scheme_js__WEBPACK_IMPORTED_MODULE_1__/* .Unusable */ .kO(`whose type is ${type === undefined ? "not stated" : shown(type)}; service_account, external_account and authorized_user are taken. Of any other one give an access token: ${byToken}`);
};
const byToken = "CLOUDSDK_AUTH_ACCESS_TOKEN, as `gcloud auth print-access-token` prints it";
function serviceAccount(file) {
    const key = needed(file, "private_key");
    return made({ type: "service_account", email: needed(file, "client_email"), keyId: wordOf(file["private_key_id"]), key }, [key]);
}
function authorizedUser(file) {
    const clientSecret = needed(file, "client_secret");
    const refreshToken = needed(file, "refresh_token");
    return made({ type: "authorized_user", clientId: needed(file, "client_id"), clientSecret, refreshToken }, [
        clientSecret,
        refreshToken,
    ]);
}
function externalAccount(file, at) {
    const { subject, secrets } = subjectToken(fieldsOf(file["credential_source"]) ?? {}, at);
    const impersonation = wordOf(file["service_account_impersonation_url"]);
    const seconds = fieldsOf(file["service_account_impersonation"])?.["token_lifetime_seconds"];
    return made({
        type: "external_account",
        audience: needed(file, "audience"),
        tokenType: needed(file, "subject_token_type"),
        tokenUrl: ofGoogle(needed(file, "token_url"), "sts"),
        impersonationUrl: impersonation === undefined ? undefined : ofGoogle(impersonation, "iamcredentials"),
        seconds: typeof seconds === "number" ? seconds : 3600,
        subject,
    }, secrets);
}
function subjectToken(source, { env, read }) {
    const other = ["executable", "environment_id", "certificate"].find((name) => source[name] !== undefined);
    if (other !== undefined)
        throw new _scheme_js__WEBPACK_IMPORTED_MODULE_1__/* .Unusable */ .kO(`whose credential_source is ${other === "environment_id" ? shown(source[other]) : `of kind ${other}`}; url and file are taken, and nothing is run. In place of it give ${byToken}`);
    const format = fieldsOf(source["format"]) ?? {};
    const field = format["type"] === "json" ? needed(format, "subject_token_field_name") : undefined;
    const [path, url] = [wordOf(source["file"]), wordOf(source["url"])];
    if (path !== undefined) {
        const text = read(path);
        if (text === undefined)
            throw new _scheme_js__WEBPACK_IMPORTED_MODULE_1__/* .Unusable */ .kO(`whose subject token is to be in ${shown(path)}, which is not there`);
        const token = field === undefined ? text.trim() : wordOf(fieldsOf(parsed(text))?.[field]);
        if (!token)
            throw new _scheme_js__WEBPACK_IMPORTED_MODULE_1__/* .Unusable */ .kO(`whose subject token is to be in ${shown(path)}, which has none`);
        return { subject: { token }, secrets: [token] };
    }
    if (url === undefined)
        throw new _scheme_js__WEBPACK_IMPORTED_MODULE_1__/* .Unusable */ .kO("whose credential_source has neither a url nor a file");
    const headers = headersOf(fieldsOf(source["headers"]) ?? {});
    const secrets = Object.values(headers).flatMap((value) => [value, value.replace(/^\S+ /, "")]);
    return { subject: { url: ofRunner(url, env["ACTIONS_ID_TOKEN_REQUEST_URL"]), headers, field }, secrets };
}
/** Only the services themselves: below googleapis.com are people's buckets, too. A region may have one of its own. */
function ofGoogle(address, service) {
    const { protocol, host } = URL.canParse(address) ? new URL(address) : { protocol: "", host: "" };
    const isIts = new RegExp(`^${service}\\.(?:[a-z]+-[a-z]+\\d{1,2}\\.rep\\.)?googleapis\\.com$`).test((0,_text_js__WEBPACK_IMPORTED_MODULE_0__/* .head */ .d5)(host));
    if (protocol !== "https:" || !isIts)
        throw new _scheme_js__WEBPACK_IMPORTED_MODULE_1__/* .Unusable */ .kO(`which would send a token to ${shown(host || address)}; only ${service}.googleapis.com is asked`);
    return address;
}
/** The job's own token service, as the runner names it. */
function ofRunner(address, own) {
    const whole = own?.trim() ?? "";
    const known = URL.canParse(whole) ? new URL(whole) : undefined;
    const asked = URL.canParse(address) ? new URL(address) : undefined;
    if (asked === undefined || asked.origin !== known?.origin)
        throw new _scheme_js__WEBPACK_IMPORTED_MODULE_1__/* .Unusable */ .kO(`which asks ${shown(asked?.host ?? address)} for a token; a job's own token service alone is asked, the one of ACTIONS_ID_TOKEN_REQUEST_URL${known ? "" : ", which is not set"}`);
    if (asked.protocol !== "https:" && !/^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test((0,_text_js__WEBPACK_IMPORTED_MODULE_0__/* .head */ .d5)(asked.hostname)))
        throw new _scheme_js__WEBPACK_IMPORTED_MODULE_1__/* .Unusable */ .kO(`which asks ${shown(asked.host)} for a token without https`);
    return address;
}
const made = (credential, secrets) => ({
    credential: JSON.stringify(credential),
    secrets,
});
function parsed(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
function needed(fields, name) {
    const value = wordOf(fields[name]);
    if (value === undefined)
        throw new _scheme_js__WEBPACK_IMPORTED_MODULE_1__/* .Unusable */ .kO(`which has no ${name}`);
    return value;
}
const fieldsOf = (value) => typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
const wordOf = (value) => (typeof value === "string" && value !== "" ? value : undefined);
/** Names of headers, in lower case. */
const headersOf = (fields) => Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (typeof value === "string" ? [[name.toLowerCase(), value]] : [])));
const shown = (value) => typeof value === "string" ? (0,_text_js__WEBPACK_IMPORTED_MODULE_0__/* .oneLine */ .TN)(value, 80) : "something else than a text";


/***/ }),

/***/ 3684:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.r(__webpack_exports__);
/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   header: () => (/* binding */ header)
/* harmony export */ });
/** The token as it is, in the header that the provider's file names. */
const header = ({ auth, credentials }) => ({
    authorize: () => Promise.resolve({ [auth.header ?? "authorization"]: `${auth.prefix ?? ""}${credentials.token ?? ""}` }),
});


/***/ }),

/***/ 9152:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.r(__webpack_exports__);
/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   huaweiPassword: () => (/* binding */ huaweiPassword)
/* harmony export */ });
/* harmony import */ var _once_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(5176);
/* harmony import */ var _scheme_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(1374);
/* harmony import */ var _text_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(9355);



/**
 * A project-scoped token for an IAM user; CodeArts refuses account-wide ones. Fetched once and used for the whole step (it lives 24 hours).
 * https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
 */
const huaweiPassword = ({ credentials, region, tokenServer, send, mask }) => {
    const token = (0,_once_js__WEBPACK_IMPORTED_MODULE_1__/* .once */ .O)(async () => {
        const { username: name, password, domain } = credentials;
        const reply = await send({
            method: "POST",
            url: new URL(`${tokenServer ?? ""}/v3/auth/tokens?nocatalog=true`),
            headers: { "content-type": "application/json" },
            body: JSON.stringify({
                auth: {
                    identity: { methods: ["password"], password: { user: { name, password, domain: { name: domain } } } },
                    scope: { project: { name: region } },
                },
            }),
        });
        const value = reply.headers["x-subject-token"];
        if (reply.status !== 201 || !value) {
            const said = reply.body?.error?.message;
            throw new _scheme_js__WEBPACK_IMPORTED_MODULE_2__/* .Denied */ .Cb(`IAM did not issue a token (${reply.status})${typeof said === "string" ? `: ${(0,_text_js__WEBPACK_IMPORTED_MODULE_0__/* .oneLine */ .TN)(said, 200)}` : ""}; it takes an IAM user's name and password and the account's name as domain`);
        }
        mask(value);
        return value;
    });
    return { authorize: async () => ({ "x-auth-token": await token() }) };
};


/***/ }),

/***/ 3051:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.r(__webpack_exports__);
/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   huaweiSignature: () => (/* binding */ huaweiSignature),
/* harmony export */   sign: () => (/* binding */ sign)
/* harmony export */ });
/* harmony import */ var _canonical_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(9631);

/**
 * SDK-HMAC-SHA256, signed with the secret key itself: no derived key, no scope.
 * The gateway refuses a clock that is off by more than 15 minutes.
 * https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html
 */
const huaweiSignature = ({ credentials, clock }) => ({
    authorize({ method, url, headers, body }) {
        const date = (0,_canonical_js__WEBPACK_IMPORTED_MODULE_0__/* .timestamp */ .vE)(clock.date());
        const added = { "x-sdk-date": date };
        if (credentials["security-token"])
            added["x-security-token"] = credentials["security-token"];
        const type = headers["content-type"];
        const signed = { host: url.host, ...added, ...(type !== undefined && { "content-type": type }) };
        const request = { method, url, headers: signed, ...(body !== undefined && { body }) };
        const authorization = sign(request, date, credentials["access-key"] ?? "", credentials["secret-key"] ?? "");
        return Promise.resolve({ ...added, authorization });
    },
});
/** The `Authorization` value for a request whose headers are exactly those to be signed. */
function sign(request, date, accessKey, secretKey) {
    const path = decodeURIComponent(request.url.pathname).split("/").map(_canonical_js__WEBPACK_IMPORTED_MODULE_0__/* .encode */ .lF).join("/");
    // The slash at the end is signed but not sent.
    const { text, names } = (0,_canonical_js__WEBPACK_IMPORTED_MODULE_0__/* .canonical */ .$N)(request, path.endsWith("/") ? path : `${path}/`);
    const signature = (0,_canonical_js__WEBPACK_IMPORTED_MODULE_0__/* .hmac */ .w8)(secretKey, `SDK-HMAC-SHA256\n${date}\n${(0,_canonical_js__WEBPACK_IMPORTED_MODULE_0__/* .sha256 */ .sc)(text)}`).toString("hex");
    return `SDK-HMAC-SHA256 Access=${accessKey}, SignedHeaders=${names}, Signature=${signature}`;
}


/***/ }),

/***/ 7976:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.r(__webpack_exports__);
/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   huaweiToken: () => (/* binding */ huaweiToken)
/* harmony export */ });
/**
 * A token that the user brought. Where CodeArts refuses it, IAM is asked what kind of token it is: anyone may look at their own.
 * https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0004.html
 */
const huaweiToken = ({ credentials, region, tokenServer, clock, send }) => {
    const token = credentials.token ?? "";
    return {
        authorize: () => Promise.resolve({ "x-auth-token": token }),
        async explain() {
            // The token of another cloud is not for the public service.
            if (tokenServer === undefined)
                return undefined;
            const url = new URL(`${tokenServer}/v3/auth/tokens?nocatalog=true`);
            const reply = await send({ method: "GET", url, headers: { "x-auth-token": token, "x-subject-token": token } });
            const expired = "the token has expired, or was cut short: get a new one (it lives 24 hours)";
            if (reply.status === 401 || reply.status === 404)
                return expired;
            const about = reply.body?.token;
            if (!about)
                return undefined;
            if (about.expires_at && Date.parse(about.expires_at) <= clock.date().getTime())
                return expired;
            if (!about.project)
                return `the token is account-wide, and CodeArts takes only project-scoped ones: ask IAM for one with scope.project.name "${region ?? "REGION"}"`;
            if (region && about.project.name !== region)
                return `the token is for ${about.project.name ?? "another project"}, the run is in ${region}`;
            return undefined;
        },
    };
};


/***/ }),

/***/ 4411:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.r(__webpack_exports__);
/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   none: () => (/* binding */ none)
/* harmony export */ });
/** For servers that ask for no credential. */
const none = () => ({ authorize: () => Promise.resolve({}) });


/***/ }),

/***/ 5176:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   F: () => (/* binding */ renewed),
/* harmony export */   O: () => (/* binding */ once)
/* harmony export */ });
/* harmony import */ var _scheme_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(1374);

/** What a login gives, got once for the whole step. A refused password is not tried again, because that locks accounts; any other failure is. */
function once(login) {
    let shared;
    return async () => {
        try {
            return await (shared ??= login());
        }
        catch (error) {
            if (!(error instanceof _scheme_js__WEBPACK_IMPORTED_MODULE_0__/* .Denied */ .Cb))
                shared = undefined;
            throw error;
        }
    };
}
/** What a login gives, as `once`, as long as it lasts. */
function renewed(clock, login) {
    let current = once(login);
    let until = Infinity;
    return async () => {
        if (clock.now() > until) {
            current = once(login);
            until = Infinity;
        }
        const got = await current();
        until = got.until;
        return got.value;
    };
}


/***/ }),

/***/ 4604:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.r(__webpack_exports__);
/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   passwordToken: () => (/* binding */ passwordToken)
/* harmony export */ });
/* harmony import */ var _once_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(5176);
/* harmony import */ var _scheme_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(1374);
/* harmony import */ var _text_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(9355);



/**
 * User name and password as JSON, in return for a token at the same server.
 * https://airflow.apache.org/docs/apache-airflow/stable/security/api.html
 */
const passwordToken = ({ auth, credentials: { username, password }, server, send, mask }) => {
    const token = (0,_once_js__WEBPACK_IMPORTED_MODULE_1__/* .once */ .O)(async () => {
        const url = new URL(`${server}${auth.login ?? ""}`);
        const headers = { "content-type": "application/json" };
        const reply = await send({ method: "POST", url, headers, body: JSON.stringify({ username, password }) });
        const { access_token: value, detail } = (reply.body ?? {});
        if (typeof value !== "string" || reply.status >= 300) {
            const said = typeof detail === "string" ? `: ${(0,_text_js__WEBPACK_IMPORTED_MODULE_0__/* .oneLine */ .TN)(detail, 200)}` : "";
            throw new _scheme_js__WEBPACK_IMPORTED_MODULE_2__/* .Denied */ .Cb(`the login at ${url.host} gave no token (${reply.status})${said}`);
        }
        mask(value);
        return value;
    });
    return { authorize: async () => ({ authorization: `Bearer ${await token()}` }) };
};


/***/ }),

/***/ 1374:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   $P: () => (/* binding */ Unavailable),
/* harmony export */   Cb: () => (/* binding */ Denied),
/* harmony export */   kO: () => (/* binding */ Unusable)
/* harmony export */ });
/** A credential file that cannot be used. `message` is a clause that says why. */
class Unusable extends Error {
}
/** A token service does not work, which says nothing of the credential. */
class Unavailable extends Error {
}
/** A token service does not accept the credential. `message` has its words. */
class Denied extends Error {
}


/***/ }),

/***/ 1132:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.r(__webpack_exports__);
/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   sessionCookie: () => (/* binding */ sessionCookie)
/* harmony export */ });
/* harmony import */ var _cookies_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(7542);
/* harmony import */ var _once_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(5176);
/* harmony import */ var _scheme_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(1374);



/**
 * A session that a login opens. User name and password go with every request all the same, for a proxy that takes them in place of
 * the server, which then has no login: 403 or 501.
 */
const sessionCookie = ({ auth, credentials: { username, password }, server, send, mask }) => {
    const pair = Buffer.from(`${username ?? ""}:${password ?? ""}`).toString("base64");
    mask(pair);
    const authorization = `Basic ${pair}`;
    const session = (0,_once_js__WEBPACK_IMPORTED_MODULE_1__/* .once */ .O)(async () => {
        const url = new URL(`${server}${auth.login ?? ""}`);
        const reply = await send({ method: "GET", url, headers: { authorization }, accepts: [302] });
        if (reply.status === 401)
            throw new _scheme_js__WEBPACK_IMPORTED_MODULE_2__/* .Denied */ .Cb(`the login at ${url.host} was answered 401: the user name or the password is wrong`);
        const cookies = (0,_cookies_js__WEBPACK_IMPORTED_MODULE_0__/* .cookiesOf */ .N)(reply.headers);
        for (const cookie of cookies.split("; "))
            mask(cookie.slice(cookie.indexOf("=") + 1));
        return cookies;
    });
    return {
        async authorize() {
            const cookie = await session();
            return { authorization, ...(cookie && { cookie }) };
        },
    };
};


/***/ }),

/***/ 8474:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   O: () => (/* binding */ secrets),
/* harmony export */   p: () => (/* binding */ Redactor)
/* harmony export */ });
/* harmony import */ var _spelling_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(4706);

/** Shorter than this it would eat ordinary text. */
const shortest = 4;
/** A piece of base64 says less than the characters it has. */
const shortestPiece = 8;
/**
 * Takes secrets out of text. Whatever cuts a text asks it first: a secret is known as a whole only, because whoever
 * could tell a beginning of one from other text by what becomes of it could guess it, letter by letter.
 */
class Redactor {
    #spellings = new Set();
    #longest = 0;
    /** Registers a secret in the spellings in which it travels. */
    add(secret) {
        for (const spelling of spellingsOf(secret)) {
            if (spelling.length < shortest)
                continue;
            this.#spellings.add(spelling);
            this.#longest = Math.max(this.#longest, spelling.length);
        }
    }
    /** Every secret becomes `***`. */
    redact(text) {
        return this.#redact(text, text.length);
    }
    /** A text of at most `max` characters as it is, of a longer one the beginning: a secret that the cut would halve is taken out whole. */
    head(text, max) {
        return text.length <= max ? text : this.#redact(text.slice(0, max + this.#longest), max);
    }
    #redact(text, end) {
        let [redacted, at] = ["", 0];
        for (const { from, to } of this.#find(text)) {
            if (from >= end)
                break;
            redacted += `${text.slice(at, from)}***`;
            at = to;
        }
        return redacted + text.slice(at, Math.max(at, end));
    }
    /** Where secrets stand; those that overlap are one place. */
    #find(text) {
        const places = [];
        for (const spelling of this.#spellings)
            for (let from = text.indexOf(spelling); from >= 0; from = text.indexOf(spelling, from + 1))
                places.push({ from, to: from + spelling.length });
        const merged = [];
        for (const place of places.sort((a, b) => a.from - b.from)) {
            const last = merged.at(-1);
            if (last && place.from < last.to)
                last.to = Math.max(last.to, place.to);
            else
                merged.push(place);
        }
        return merged;
    }
}
/** The secrets of this process: known to every place that cuts a text and to every sink. */
const secrets = new Redactor();
/** As it is, as a sink of ours would spell it, and as servers and the addresses of requests do. */
function spellingsOf(secret) {
    const texts = [secret, secret.trim(), ...secret.split(/\r\n|\r|\n/), (0,_spelling_js__WEBPACK_IMPORTED_MODULE_0__/* .plain */ .pj)(secret)];
    return new Set(texts.flatMap((text) => [text, ...inJson(text), ...inHtml(text), ...inAddress(text), ...inBase64(text)]));
}
function inJson(text) {
    const json = JSON.stringify(text).slice(1, -1);
    const escaped = (pattern) => json.replace(pattern, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
    return [json, json.replaceAll("/", "\\/"), escaped(/[<>&]/g), escaped(/[<>&']/g), escaped(/[^ -~]/g)];
}
function inHtml(text) {
    const usual = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    return [
        (0,_spelling_js__WEBPACK_IMPORTED_MODULE_0__/* .html */ .qy)(text),
        usual,
        ...["&#39;", "&#x27;", "&apos;"].flatMap((quote) => ["&quot;", "&#34;"].map((quotes) => usual.replaceAll('"', quotes).replaceAll("'", quote))),
    ];
}
function inAddress(text) {
    const encoded = encodeURIComponent((0,_spelling_js__WEBPACK_IMPORTED_MODULE_0__/* .wellFormed */ .ES)(text));
    const strict = encoded.replace(/[!'()*~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
    const all = [encoded, strict, strict.replaceAll("%7E", "~"), encodeURI((0,_spelling_js__WEBPACK_IMPORTED_MODULE_0__/* .wellFormed */ .ES)(text))];
    const spaced = all.flatMap((one) => [one, one.replaceAll("%20", "+")]);
    return spaced.flatMap((one) => [one, one.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())]);
}
/** Alone, and at any place of a longer text, such as `name:secret`, as far as no neighbour has a part in the characters. */
function inBase64(text) {
    const bytes = Buffer.from(text);
    const alone = bytes.toString("base64");
    const pieces = [0, 1, 2].map((before) => {
        const code = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
        return code.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    });
    const whole = [alone, alone.replaceAll("=", ""), ...pieces.filter((piece) => piece.length >= shortestPiece)];
    return whole.flatMap((code) => [code, code.replaceAll("+", "-").replaceAll("/", "_")]);
}


/***/ }),

/***/ 4706:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   ES: () => (/* binding */ wellFormed),
/* harmony export */   pj: () => (/* binding */ plain),
/* harmony export */   qy: () => (/* binding */ html)
/* harmony export */ });
/** How text is spelled for those who read it. */
// eslint-disable-next-line no-control-regex
const ansi = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
// C0, DEL, C1, the line and paragraph separators, and the marks that reorder text.
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/g;
// Half of a character, a lone surrogate: JSON can carry it, an address cannot.
const loneSurrogate = /\p{Surrogate}/gu;
const wellFormed = (text) => text.replace(loneSurrogate, "\ufffd");
/** On one line, without escapes, control characters and repeated spaces. */
function plain(text) {
    // No two of the loops in it go over the same characters.
    // eslint-disable-next-line bounds/bounded-text
    const line = wellFormed(text.replace(ansi, "").replace(control, " "));
    return line.replace(/ {2,}/g, " ").trim();
}
const entities = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
    "`": "&#96;",
    "|": "&#124;",
    "@": "&#64;",
};
/** As text in HTML that stands in Markdown. */
const html = (text) => text.replace(/[&<>"'`|@]/g, (character) => entities[character] ?? "");


/***/ }),

/***/ 9355:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   Ie: () => (/* binding */ longestText),
/* harmony export */   TN: () => (/* binding */ oneLine),
/* harmony export */   d5: () => (/* binding */ head),
/* harmony export */   p0: () => (/* binding */ duration),
/* harmony export */   yL: () => (/* binding */ oneOf)
/* harmony export */ });
/* harmony import */ var _http_redact_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8474);
/* harmony import */ var _spelling_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(4706);
/** Foreign text (names, branches, messages, comments) made harmless for any sink. */


/** What a pattern sees of a foreign text, in characters; nothing that is shown is longer. */
const longestText = 10_000;
/** The beginning of a foreign text, so that it makes no pattern run long. No secret is cut in two. */
function head(text, max = longestText) {
    return _http_redact_js__WEBPACK_IMPORTED_MODULE_0__/* .secrets */ .O.head(text, max);
}
/** One line without escapes or control characters, at most `max` characters. */
function oneLine(text, max = 300) {
    const start = head(text);
    const line = (0,_spelling_js__WEBPACK_IMPORTED_MODULE_1__/* .plain */ .pj)(start);
    const whole = text.length <= longestText;
    if (whole && [...line].length <= max)
        return line;
    // Taken out before the cut, of which nothing but the text's length decides.
    const points = [..._http_redact_js__WEBPACK_IMPORTED_MODULE_0__/* .secrets */ .O.redact((0,_spelling_js__WEBPACK_IMPORTED_MODULE_1__/* .plain */ .pj)(_http_redact_js__WEBPACK_IMPORTED_MODULE_0__/* .secrets */ .O.redact(start)))];
    return whole && points.length <= max ? points.join("") : `${points.slice(0, max - 1).join("")}…`;
}
/** For a list in a sentence: `a, b or c`. */
function oneOf(words, last = "or") {
    return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}
/** `90` → `1m30s`; for people, so tenths are shown only below ten seconds. */
function duration(ms) {
    const seconds = ms / 1000;
    if (seconds < 9.95)
        return `${Math.round(seconds * 10) / 10}s`;
    const whole = Math.round(seconds);
    const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    return [h ? `${h}h` : "", m ? `${m}m` : "", s || (!h && !m) ? `${s}s` : ""].join("");
}


/***/ })

/******/ });
/************************************************************************/
/******/ // The module cache
/******/ var __webpack_module_cache__ = {};
/******/ 
/******/ // The require function
/******/ function __nccwpck_require__(moduleId) {
/******/ 	// Check if module is in cache
/******/ 	var cachedModule = __webpack_module_cache__[moduleId];
/******/ 	if (cachedModule !== undefined) {
/******/ 		return cachedModule.exports;
/******/ 	}
/******/ 	// Create a new module (and put it into the cache)
/******/ 	var module = __webpack_module_cache__[moduleId] = {
/******/ 		id: moduleId,
/******/ 		loaded: false,
/******/ 		exports: {}
/******/ 	};
/******/ 
/******/ 	// Execute the module function
/******/ 	var threw = true;
/******/ 	try {
/******/ 		__webpack_modules__[moduleId](module, module.exports, __nccwpck_require__);
/******/ 		threw = false;
/******/ 	} finally {
/******/ 		if(threw) delete __webpack_module_cache__[moduleId];
/******/ 	}
/******/ 
/******/ 	// Flag the module as loaded
/******/ 	module.loaded = true;
/******/ 
/******/ 	// Return the exports of the module
/******/ 	return module.exports;
/******/ }
/******/ 
/************************************************************************/
/******/ /* webpack/runtime/asset-relocator-loader */
/******/ if (typeof __nccwpck_require__ !== 'undefined') __nccwpck_require__.ab = decodeURIComponent(new URL('.', import.meta.url).pathname).slice(import.meta.url.match(/^file:\/\/\/\w:/) ? 1 : 0, -1) + "/";
/******/ 
/******/ /* webpack/runtime/create fake namespace object */
/******/ (() => {
/******/ 	var getProto = Object.getPrototypeOf ? (obj) => (Object.getPrototypeOf(obj)) : (obj) => (obj.__proto__);
/******/ 	var leafPrototypes;
/******/ 	// create a fake namespace object
/******/ 	// mode & 1: value is a module id, require it
/******/ 	// mode & 2: merge all properties of value into the ns
/******/ 	// mode & 4: return value when already ns object
/******/ 	// mode & 16: return value when it's Promise-like
/******/ 	// mode & 8|1: behave like require
/******/ 	__nccwpck_require__.t = function(value, mode) {
/******/ 		if(mode & 1) value = this(value);
/******/ 		if(mode & 8) return value;
/******/ 		if(typeof value === 'object' && value) {
/******/ 			if((mode & 4) && value.__esModule) return value;
/******/ 			if((mode & 16) && typeof value.then === 'function') return value;
/******/ 		}
/******/ 		var ns = Object.create(null);
/******/ 		__nccwpck_require__.r(ns);
/******/ 		var def = {};
/******/ 		leafPrototypes = leafPrototypes || [null, getProto({}), getProto([]), getProto(getProto)];
/******/ 		for(var current = mode & 2 && value; typeof current == 'object' && !~leafPrototypes.indexOf(current); current = getProto(current)) {
/******/ 			Object.getOwnPropertyNames(current).forEach((key) => (def[key] = () => (value[key])));
/******/ 		}
/******/ 		def['default'] = () => (value);
/******/ 		__nccwpck_require__.d(ns, def);
/******/ 		return ns;
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/define property getters */
/******/ (() => {
/******/ 	// define getter functions for harmony exports
/******/ 	__nccwpck_require__.d = (exports, definition) => {
/******/ 		for(var key in definition) {
/******/ 			if(__nccwpck_require__.o(definition, key) && !__nccwpck_require__.o(exports, key)) {
/******/ 				Object.defineProperty(exports, key, { enumerable: true, get: definition[key] });
/******/ 			}
/******/ 		}
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/hasOwnProperty shorthand */
/******/ (() => {
/******/ 	__nccwpck_require__.o = (obj, prop) => (Object.prototype.hasOwnProperty.call(obj, prop))
/******/ })();
/******/ 
/******/ /* webpack/runtime/make namespace object */
/******/ (() => {
/******/ 	// define __esModule on exports
/******/ 	__nccwpck_require__.r = (exports) => {
/******/ 		if(typeof Symbol !== 'undefined' && Symbol.toStringTag) {
/******/ 			Object.defineProperty(exports, Symbol.toStringTag, { value: 'Module' });
/******/ 		}
/******/ 		Object.defineProperty(exports, '__esModule', { value: true });
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/node module decorator */
/******/ (() => {
/******/ 	__nccwpck_require__.nmd = (module) => {
/******/ 		module.paths = [];
/******/ 		if (!module.children) module.children = [];
/******/ 		return module;
/******/ 	};
/******/ })();
/******/ 
/************************************************************************/
var __webpack_exports__ = {};

// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  eb: () => (/* reexport */ usage_UsageError),
  ZT: () => (/* binding */ library_cancel),
  rE: () => (/* reexport */ version)
});

;// CONCATENATED MODULE: ./lib/src/clock.js
// setTimeout fires at once beyond 2^31 - 1 ms.
const maxTimeout = 2 ** 31 - 1;
/** By `process.hrtime`: the same clock as `performance.now`, but that one loads node:perf_hooks first. */
const systemClock = (hrtime) => ({
    now: () => {
        const [seconds, nanoseconds] = hrtime();
        return seconds * 1e3 + nanoseconds / 1e6;
    },
    date: () => new Date(),
    random: () => Math.random(),
    sleep: (ms, signal) => new Promise((resolve) => {
        if (signal?.aborted || ms <= 0) {
            resolve();
            return;
        }
        const done = () => {
            clearTimeout(timer);
            signal?.removeEventListener("abort", done);
            resolve();
        };
        const timer = setTimeout(done, Math.min(ms, maxTimeout));
        signal?.addEventListener("abort", done);
    }),
});

;// CONCATENATED MODULE: ./lib/src/engine/usage.js
/** Bad input: one line that names the input, what was given (never a secret) and what is accepted. Nothing has been sent. */
class usage_UsageError extends Error {
    name = "UsageError";
}
/** An id is missing: where a guard stands before the step that gives it, that is no mistake. */
class MissingId extends usage_UsageError {
    /** The input, as the user of this host writes it. */
    input;
    constructor(input, message) {
        super(message);
        this.input = input;
    }
}
/** The file that names the run is missing or empty: nothing has been started. */
class NotStarted extends MissingId {
}

;// CONCATENATED MODULE: ./lib/src/interface.js
/**
 * What users see, in one place: inputs, outputs, outcomes and exit codes.
 * action.yml, the templates' spec, `--help`, the README's tables and docs/providers/ are generated from here.
 * Inputs that are ids come from the providers' files.
 */
/** Equal to package.json's; a test compares. */
const version = "0.1.0";
const what = [
    {
        name: "url",
        type: "lines",
        help: "Web page of the run. For several, one per line or separated by spaces. Gives provider, server and ids.",
    },
    { name: "provider", type: "text", help: "Which system the run is on. Needed when `url` is not given." },
    {
        name: "ids",
        type: "lines",
        help: "The ids of the run as the vendor's API names them, `name: value`, one per line or separated by `;`.",
        example: "organization: acme; project: shop; build-id: 1234",
    },
    {
        name: "id-file",
        type: "text",
        help: "File that holds the page of the run, or its last id. Read when the step acts; missing or empty: nothing has been started.",
    },
    {
        name: "server-url",
        type: "text",
        help: "Where a self-hosted server is; replaces every host of a regional vendor. Default: the vendor's public server, or the server this step runs on.",
    },
    {
        name: "region",
        type: "text",
        help: "Region of the vendor's server.",
        pattern: /^[a-z]{2,}(?:-[a-z0-9]+)+$/,
        takes: "a region such as cn-north-4",
        example: "cn-north-4",
    },
];
const who = [
    { name: "token", type: "secret", help: "Access token." },
    { name: "username", type: "text", help: "User name, where the vendor takes one." },
    { name: "password", type: "secret", help: "Password, where the vendor takes one." },
    { name: "access-key", type: "secret", help: "Access key id, for vendors that sign requests." },
    { name: "secret-key", type: "secret", help: "Secret access key, for vendors that sign requests." },
    { name: "security-token", type: "secret", help: "Session token that belongs to a temporary access key." },
    { name: "domain", type: "text", help: "Account that the user name belongs to." },
];
const how = [
    {
        name: "reason",
        type: "text",
        help: "Why. Recorded by the vendor where it can, always in our report. Default: made from the CI context.",
    },
    { name: "wait", type: "boolean", default: "true", help: "Wait until the run has stopped." },
    {
        name: "timeout",
        type: "duration",
        help: "How long the whole step may take: `90s`, `5m`, `1h`. Default: `5m`; `1m` where `when` is not `now`.",
    },
    {
        name: "force-after",
        type: "duration",
        default: "",
        help: "How long after the vendor answered the cancel to wait before using its forced stop. Empty: never force.",
    },
    {
        name: "dry-run",
        type: "boolean",
        default: "false",
        help: "Look and report what would be cancelled; change nothing.",
    },
    {
        name: "when",
        type: "text",
        default: "now",
        pattern: /now|cancelled|failed|unsuccessful/,
        help: "`now`, or act at the end of our own job, if it ends `cancelled`, `failed` or `unsuccessful` (either).",
    },
    {
        name: "downstream",
        type: "boolean",
        default: "false",
        help: "Also cancel the runs that this one started, and what those started.",
    },
    {
        name: "self",
        type: "boolean",
        default: "false",
        help: "Allow cancelling the run this step belongs to. With no other id: cancel exactly that one.",
    },
    { name: "allow-http", type: "boolean", default: "false", help: "Allow a plain-http `server-url` beyond loopback." },
    {
        name: "fail-on",
        type: "text",
        default: "not-found, refused, restarted, still-running, failed",
        help: "Outcomes that fail the step, separated by commas: those of a run, and `nothing` for a selection without a match. `none`: no outcome does.",
    },
    {
        name: "debug",
        type: "boolean",
        default: "false",
        help: "One line per request: method, address, status, time, attempt, request id, rate limit left. Never a header or a body.",
    },
];
const which = [
    {
        name: "branch",
        type: "text",
        help: "Select runs of these branches of the repository itself, never of a fork or a tag; separated by white space. `*` stands for any text, and a leading `^` excludes: `* ^main`.",
    },
    {
        name: "commit",
        type: "text",
        example: "1f2e3d4c5b6a",
        help: "Select runs of these commits, separated by white space. A leading `^` excludes, so `^` and the commit of this step spares the runs of its own commit; `*` means any.",
    },
    {
        name: "workflow",
        type: "text",
        help: "Select runs of these workflows, by name, file or number, separated by commas. `*` stands for any text, and a leading `^` excludes.",
    },
    {
        name: "status",
        type: "text",
        help: "Select runs in these states, separated by commas: `queued`, `running`, `blocked`, `cancelling`. Default: all of them.",
    },
    {
        name: "event",
        type: "text",
        help: "Select runs started by these events, separated by commas. `*` stands for any text, and a leading `^` excludes.",
    },
    {
        name: "pull-request",
        type: "text",
        pattern: /[1-9]\d{0,9}/,
        takes: "a number from 1 to 9999999999, without #",
        example: "12",
        help: "Select runs of this pull or merge request, also from a fork.",
    },
    {
        name: "head-repository",
        type: "text",
        example: "octocat/deploy",
        help: "Where the branch is, as owner and name, if it is in a fork; `*` means any repository. Default: the repository that the runs are in.",
    },
    {
        name: "older-than",
        type: "duration",
        help: "Select only runs whose attempt began longer ago than this: `90s`, `5m`, `2h`. A run whose start is unknown is not older.",
    },
    {
        name: "older-than-this",
        type: "boolean",
        default: "false",
        help: "Select only runs that began before the one this step belongs to.",
    },
    {
        name: "orphaned",
        type: "boolean",
        default: "false",
        help: "Select only runs of a branch that is gone, or whose pull request is closed. Tags and forks never count.",
    },
    {
        name: "keep-newest",
        type: "text",
        pattern: /\d{1,4}/,
        takes: "a number from 0 to 9999",
        example: "1",
        help: "Per workflow, branch and event, keep this many of the newest selected runs; our own run counts.",
    },
    { name: "with-job", type: "text", help: "Select only runs with a job of this name; `*` stands for any text." },
    {
        name: "with-failed-job",
        type: "text",
        help: "Select only runs in which a job of this name has failed; `*` stands for any text.",
    },
    {
        name: "max-runs",
        type: "text",
        default: "20",
        pattern: /[1-9]\d{0,5}/,
        takes: "a number from 1 to 999999",
        example: "20",
        help: "If more runs than this are selected, cancel none.",
    },
    {
        name: "unless-job",
        type: "text",
        help: "Spare a run in which a job of this name has started; `*` stands for any text.",
    },
];
const interface_inputs = [...what, ...who, ...how, ...which];
/** As action.yml, the templates, the README and `--help` show them; the ids by name and what the runner fills come after. */
const inputGroups = [
    { title: "What", help: "The run: its page, or its provider and ids.", inputs: what },
    { title: "Who asks", help: "The credential, in the form that the vendor takes.", inputs: who },
    { title: "How", help: "What is done, how long it may take, and what fails the step.", inputs: how },
    { title: "Which runs", help: "A selection, in place of a page or an id.", inputs: which },
];
/** The ids that are inputs by name stand behind the groups. */
const idGroup = {
    title: "Ids by name",
    help: "Shorthand for `ids`; a vendor's ids that are not listed are given in `ids`.",
};
/** Hidden input of the action: the job's own token, for the server the step runs on and no other. */
const githubToken = {
    name: "github-token",
    default: "${{ github.token }}",
    help: "The job's own token. Used for provider github on the server this step runs on, never sent anywhere else.",
};
/** Hidden input of the action: how the job stands, read again at its end. */
const jobStatus = {
    name: "job-status",
    default: "${{ job.status }}",
    help: "How the job stands. Leave it as it is.",
};
/**
 * Ids that are inputs by their own names: those of version 0.1. A new vendor may use one whose word is its own, and never adds
 * one, so that no id can clash with an input of another meaning. In a terminal every id has a flag, unless an input has its name.
 */
const interface_idInputNames = [
    "pipeline",
    "execution-id",
    "repository",
    "pipeline-id",
    "build-number",
    "job-id",
    "project-id",
    "pipeline-run-id",
    "task-id",
    "record-id",
    "run-id",
    "run-attempt",
    "project",
    "job",
    "queue-id",
    "deploy-id",
];
const isSecret = (name) => name === githubToken.name || interface_inputs.some((input) => input.name === name && input.type === "secret");
/** `exit` counts when `fail-on` lists the outcome. */
const interface_outcomes = {
    cancelled: { exit: 1, help: "We asked, and a later look says cancelled." },
    "already-finished": { exit: 1, help: "It was over before we asked; `state` says how." },
    "finished-anyway": { exit: 1, help: "It ended by itself after we asked." },
    cancelling: { exit: 1, help: "Asked, not confirmed: `wait: false`, or our own job was being killed." },
    "still-running": { exit: 3, help: "The deadline came and it had not stopped." },
    restarted: {
        exit: 1,
        help: "A new attempt began under the same id; the cancel was not meant for that one, and it may go on.",
    },
    "not-found": { exit: 5, help: "Not there, or hidden from this token." },
    refused: { exit: 4, help: "401 or 403, protected, or blocked by a guard." },
    spared: {
        exit: 1,
        help: "A selected run that was left alone as we were told to: `unless-job`, or a second look no longer confirms the selection.",
    },
    failed: { exit: 1, help: "Anything else; `detail` says what." },
    "would-cancel": { exit: 1, help: "`dry-run`: it is live and would have been cancelled." },
};
/** The contract with scripts. */
const exitCodes = {
    0: "stopped, already over, or an outcome that `fail-on` does not list",
    1: "failed",
    2: "wrong usage; nothing was sent",
    3: "still running at the deadline",
    4: "not allowed (401, 403)",
    5: "not found",
    130: "interrupted; on Ctrl-C in a terminal nothing more is sent",
};
const outputs = [
    {
        name: "outcome",
        help: "One word for the step: the outcome all runs share, `mixed`, or `nothing` when a selection matched no run.",
    },
    { name: "cancelled", help: "How many runs we stopped." },
    { name: "state", help: "Last state of the run, when it is one." },
    { name: "url", help: "Page of the run, when it is one." },
    {
        name: "runs",
        help: "JSON, one record per run: provider, target, ids, url, name, ref, before, after, outcome, detail, reason, reason-recorded, confirmed, attempts, forced, seconds, and what the vendor adds. Above 900 kB, on a host that limits outputs, the path of a file in `RUNNER_TEMP` that holds it.",
    },
];

;// CONCATENATED MODULE: ./lib/src/engine/record.js

/** The step's outcome, exit code and counts out of its runs. */
function summarize(runs, failOn, interrupted = false) {
    const all = new Set(runs.map((run) => run.outcome));
    // What was left alone says nothing of what became of the others.
    const rest = new Set([...all].filter((outcome) => outcome !== "spared"));
    const kinds = rest.size > 0 ? rest : all;
    const [only] = kinds;
    const one = runs.length === 1 ? runs[0] : undefined;
    return {
        outcome: kinds.size === 0 ? "nothing" : kinds.size === 1 && only ? only : "mixed",
        cancelled: runs.filter((run) => run.outcome === "cancelled").length,
        state: one?.after ?? one?.before ?? null,
        url: one?.url ?? null,
        runs,
        exit: interrupted ? 130 : exitCode(all.size > 0 ? all : new Set(["nothing"]), failOn),
        note: "",
        failOn,
    };
}
/** The worst first: what we could not do, what we may not do, what is not there, what goes on. */
function exitCode(kinds, failOn) {
    const codes = failOn
        .filter((outcome) => kinds.has(outcome))
        .map((outcome) => (outcome === "nothing" ? 1 : interface_outcomes[outcome].exit));
    return [1, 4, 5, 3].find((code) => codes.includes(code)) ?? 0;
}

// EXTERNAL MODULE: ./lib/src/http/redact.js
var redact = __nccwpck_require__(8474);
// EXTERNAL MODULE: ./lib/src/text.js
var src_text = __nccwpck_require__(9355);
;// CONCATENATED MODULE: ./lib/src/engine/nearest.js
/** What somebody meant who has misspelled a name. */

/** Names that differ in these, or in case, are spellings of one. */
const canonical = (name) => (0,src_text/* head */.d5)(name, longest)
    .toLowerCase()
    .replace(/[-_. ]/g, "");
/** No name of ours is longer, and the table below is as large as the square of it. */
const longest = 60;
/** The name that is another spelling of the text, or at most two edits away: one for a short name, of which two would make any other. */
function nearest(text, names) {
    const meant = canonical(text);
    const found = names
        .map((name) => ({ name, edits: edits(meant, canonical(name)) }))
        .filter(({ name, edits: count }) => count <= (Math.min(meant.length, canonical(name).length) < 6 ? 1 : 2))
        .sort((a, b) => a.edits - b.edits);
    return found[0]?.name;
}
/** Insertions, deletions, replacements and swaps of neighbors from one to the other. */
function edits(from, to) {
    let [before, last] = [[], Array.from({ length: to.length + 1 }, (_, at) => at)];
    for (let i = 1; i <= from.length; i++) {
        const row = [i];
        for (let j = 1; j <= to.length; j++) {
            const same = from[i - 1] === to[j - 1];
            const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
            const change = last[j - 1] + (same ? 0 : 1);
            row[j] = Math.min(change, last[j] + 1, row[j - 1] + 1, swapped ? before[j - 2] + 1 : Infinity);
        }
        [before, last] = [last, row];
    }
    return last[to.length];
}

;// CONCATENATED MODULE: external "node:fs"
const external_node_fs_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs");
;// CONCATENATED MODULE: ./lib/src/engine/template.js
/** Routes, bodies and page addresses: the small templates of the provider contract, filled and read back. */

/** A template names a value that is not known. */
class MissingValue extends Error {
    value;
    constructor(value) {
        super(`no value for {${value}}`);
        this.value = value;
    }
}
/** A page with a host of its own, not below the provider's server. */
const isWholeAddress = (template) => /^[a-z]+:/.test(template);
const placeholder = /\{(\+?)([a-z][a-z-]*)\}/g;
/** `{id}` becomes one URI-encoded segment; `{+id}` keeps its slashes and what is already percent-encoded. */
function fill(template, values) {
    return template.replace(placeholder, (_, plus, name) => {
        const value = values[name];
        if (value === undefined)
            throw new MissingValue(name);
        return plus ? value.split("/").map(encodeKeepingEscapes).join("/") : encode(value);
    });
}
/** Also what `URL` would encode in a query, so that an address is sent as it is written here. */
const encode = (text) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\uFFFD")).replaceAll("'", "%27");
function encodeKeepingEscapes(segment) {
    return encode(segment).replace(/%25([0-9A-Fa-f]{2})/g, "%$1");
}
/** The names of the values that a template takes. */
const names = (template) => [...template.matchAll(placeholder)].map(([, , name = ""]) => name);
/** A parameter of a route's query for an optional id that is not known is left out. */
function withoutMissing(path, values, { ids }) {
    const [before = "", query] = path.split("?");
    const kept = (query?.split("&") ?? []).filter((one) => names(one).every((name) => values[name] !== undefined || !ids[name]?.optional));
    return kept.length === 0 ? before : `${before}?${kept.join("&")}`;
}
/** The values that show what a page's address looks like; a name that is no id stands for itself, in capitals. */
function exampleValues(template, { ids }, region) {
    const examples = Object.entries(ids).map(([name, id]) => [name, id.normalize?.(id.example) ?? id.example]);
    return {
        ...Object.fromEntries(names(template).map((name) => [name, name.toUpperCase()])),
        region,
        ...Object.fromEntries(examples),
    };
}
/** Fills the placeholders in a JSON body: "{id}", "{id:number}", "{reason:200}". */
function fillBody(body, values) {
    if (typeof body === "string")
        return fillString(body, values);
    if (Array.isArray(body))
        return body.map((item) => fillBody(item, values));
    if (body === null || typeof body !== "object")
        return body;
    return Object.fromEntries(Object.entries(body).map(([key, item]) => [key, fillBody(item, values)]));
}
function fillString(text, values) {
    const whole = /^\{([a-z][a-z-]*):number\}$/.exec(text);
    if (whole)
        return Number(template_valueOf(values, whole[1]));
    return text.replace(/\{([a-z][a-z-]*)(?::(\d{1,9}))?\}/g, (_, name, max) => {
        const value = template_valueOf(values, name);
        return max === undefined ? value : [...value].slice(0, Number(max)).join("");
    });
}
function template_valueOf(values, name) {
    const value = values[name];
    if (value === undefined)
        throw new MissingValue(name);
    return value;
}
/**
 * Reads the ids out of a pasted address, or returns undefined when the template is another page's.
 * `server` is a known server whose path prefix the address may carry; without it a relative template starts at the origin.
 */
function readPage(template, address, ids, server) {
    const absolute = isWholeAddress(template);
    const anyPrefix = template.startsWith("{server}");
    const { path, query, hash } = split(anyPrefix ? template.slice("{server}".length) : template);
    const prefix = absolute ? "" : prefixOf(address, server);
    if (prefix === undefined || (absolute && !/^https?:$/.test(address.protocol)))
        return undefined;
    const subject = absolute
        ? `${address.protocol}//${address.host}${address.pathname}`
        : address.pathname.slice(prefix.length);
    const lead = anyPrefix && !server ? "(?<before>(?:/[^/]+)*?)" : "";
    const match = new RegExp(`^${lead}${pattern(path, ids)}(?:/.*)?$`, "u").exec((0,src_text/* head */.d5)(subject));
    const inQuery = readQuery(query, address);
    const inHash = readHash(hash, address, ids);
    if (!match || !inQuery || !inHash)
        return undefined;
    const { before = "", ...inPath } = match.groups ?? {};
    const values = idsOf(template, { ...inPath, ...inQuery, ...inHash }, ids);
    return values && { ids: values, server: absolute ? undefined : `${address.origin}${prefix}${before}` };
}
/** The path of a known server, which the address must carry; undefined when the address is elsewhere. */
function prefixOf(address, server) {
    if (!server)
        return "";
    const prefix = server.pathname.replace(/\/$/, "");
    return server.origin === address.origin && `${address.pathname}/`.startsWith(`${prefix}/`) ? prefix : undefined;
}
function readQuery(query, address) {
    const groups = {};
    for (const [key, value] of new URLSearchParams(query)) {
        // What is not a placeholder is only written: people paste pages with any query.
        const name = /^\{\+?([a-z][a-z-]*)\}$/.exec(value)?.[1];
        if (name === undefined)
            continue;
        const text = address.searchParams.get(key);
        if (!text)
            return undefined;
        groups[groupName(name)] = encodeURIComponent(text);
    }
    return groups;
}
function readHash(hash, address, ids) {
    if (!hash)
        return {};
    const match = new RegExp(`^#${pattern(hash, ids)}(?:[/?&].*)?$`, "u").exec((0,src_text/* head */.d5)(address.hash));
    return match ? { ...match.groups } : undefined;
}
/** The values of the groups; undefined when one is not what its id may be. */
function idsOf(template, groups, ids) {
    const values = {};
    for (const [group, raw] of Object.entries(groups)) {
        if (raw === undefined)
            continue;
        const name = group.replaceAll("_", "-");
        const value = template.includes(`{+${name}}`) ? raw : decode(raw);
        if (value === undefined)
            return undefined;
        const id = ids[name];
        const normal = id?.normalize?.(value) ?? value;
        if (id && !matches(id.pattern, normal))
            return undefined;
        values[name] = normal;
    }
    return values;
}
/** Longer than any id or value that a pattern takes. */
const template_longest = 2_000;
/** Whether the whole value matches. */
function matches(pattern, value) {
    return (value.length <= template_longest && new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace("g", "")).test((0,src_text/* head */.d5)(value)));
}
/** A segment that leads elsewhere when the path is resolved. */
const hasDotSegment = (value) => value.split("/").some((part) => part === "." || part === "..");
function split(template) {
    const [beforeHash = "", hash = ""] = template.split("#", 2);
    const [path = "", query = ""] = beforeHash.split("?", 2);
    return { path, query, hash };
}
function pattern(template, ids) {
    let source = "";
    let last = 0;
    for (const match of template.matchAll(placeholder)) {
        const [whole, plus, name] = match;
        source += template_escape(template.slice(last, match.index));
        source += `(?<${groupName(name)}>${plus ? (ids[name]?.pattern.source ?? ".+?") : "[^/?#]+"})`;
        last = match.index + whole.length;
    }
    return source + template_escape(template.slice(last));
}
const groupName = (name) => name.replaceAll("-", "_");
const template_escape = (text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
function decode(text) {
    try {
        return decodeURIComponent(text);
    }
    catch {
        return undefined;
    }
}
/** Reads a value out of a vendor's JSON; null, undefined and an empty string are the same: not there. */
function pick(from, body) {
    if (from === undefined || body === undefined || body === null)
        return undefined;
    if (typeof from === "function") {
        try {
            const value = from(body);
            return isThere(value) ? value : undefined;
        }
        catch (error) {
            // A provider's function reads a shape the server did not send: the value is not there.
            if (error instanceof TypeError)
                return undefined;
            throw error;
        }
    }
    for (const path of typeof from === "string" ? [from] : from) {
        let value = body;
        for (const key of path.split("."))
            value =
                value !== null && typeof value === "object" && Object.hasOwn(value, key)
                    ? value[key]
                    : undefined;
        if (isThere(value))
            return value;
    }
    return undefined;
}
const isThere = (value) => value !== undefined && value !== null && value !== "";
/** Whether a reply meets a condition; undefined when it says nothing about it. */
function holds(condition, body) {
    if (typeof condition !== "object" || isList(condition)) {
        const value = pick(condition, body);
        return typeof value === "boolean" ? value : undefined;
    }
    const values = Object.entries(condition).map(([path, wanted]) => [pick(path, body), wanted]);
    return values.some(([value]) => value === undefined)
        ? undefined
        : values.every(([value, wanted]) => value === wanted);
}
const isList = (condition) => Array.isArray(condition);

;// CONCATENATED MODULE: ./lib/src/engine/catalog.js

const made = new WeakMap();
/** The targets of a provider by name, in the order of its file. */
function catalog_entriesOf(key, provider) {
    const known = made.get(provider);
    if (known)
        return known;
    const entries = new Map(Object.entries(provider.targets).map(([name, target]) => [name, entryOf(key, provider, name, target)]));
    made.set(provider, entries);
    return entries;
}
function entryOf(key, provider, targetName, target) {
    const ids = Object.entries(target.ids);
    const requiredIds = ids.filter(([, { optional }]) => !optional).map(([name]) => name);
    const { pages = [], force = [] } = target;
    const states = { ...provider.states, ...target.states };
    return {
        key,
        provider,
        targetName,
        target,
        idNames: ids.map(([name]) => name),
        requiredIds,
        listId: requiredIds.at(-1) ?? "",
        uniqueId: ids.find(([, { unique }]) => unique)?.[0],
        pages,
        apiPages: [...(target.apiPages ?? []), ...lookedAt(target, requiredIds, target.server ?? provider.server.url)],
        pastablePages: pages.filter((page) => requiredIds.every((name) => names(page).includes(name))),
        force,
        states,
        statesAfterCancel: { ...states, ...target.statesAfterCancel },
        liveWords: target.list?.live ?? liveWords(states),
    };
}
/** The address that a look asks, if it names the run: people find it in a vendor's replies and webhooks. */
function lookedAt({ ids, look }, requiredIds, server) {
    const [method = "", whole = ""] = ("route" in look ? look.route : "").split(" ");
    const route = withoutMissing(whole, {}, { ids });
    if (method !== "GET" || !requiredIds.every((name) => names(route).includes(name)))
        return [];
    return typeof server === "object" ? server.map(({ url }) => url + route) : [route];
}
/** What waits for a person or a timer may go on, and come to wait, at any time. */
function liveWords(states) {
    const order = ["blocked", "queued", "running", "blocked", "cancelling"];
    return order.flatMap((state) => Object.keys(states).filter((word) => states[word] === state));
}
/** Every call that a step may make. */
function callsOf(step) {
    if ("ask" in step)
        return step.calls.flatMap(withOtherwise);
    return ("choose" in step ? step.choose : [step]).flatMap(withOtherwise);
}
function withOtherwise(call) {
    return [call, ...(call.otherwise ? withOtherwise(call.otherwise) : [])];
}

;// CONCATENATED MODULE: ./lib/src/engine/words.js



/**
 * A run in a line: by its last id, and by what that one is counted in where it is a number that others have, too. The ids are those
 * that it was given by, whatever looks have taught since.
 */
function label(entry, ids, name) {
    const { key, targetName, target, requiredIds, listId, uniqueId } = entry;
    const last = ids[listId] ?? "";
    const isCounted = uniqueId === undefined && /^\d+$/.test(last);
    const shown = isCounted ? requiredIds.slice(-2).map((id) => ids[id] ?? "") : [last];
    const attempt = ids[target.look.pinnedBy ?? ""];
    const which = [...shown, ...(attempt === undefined ? [] : ["attempt", attempt])].filter(Boolean).join(" ");
    return `${key} ${targetName} ${which}${name ? ` (${name})` : ""}`;
}
/** The same for what is reported of a run. */
function words_labelOf(record, providers) {
    const { provider, target, ids, name } = record;
    const known = providers.get(provider);
    const entry = known && entriesOf(provider, known).get(target);
    if (entry)
        return label(entry, ids, name);
    return `${provider} ${target} ${Object.values(ids).join(" ")}${name ? ` (${name})` : ""}`;
}
/** What became of the step's runs, at a glance: `2 cancelled, 1 not found`. */
function headline({ runs }) {
    const counts = Object.keys(outcomes).map((outcome) => [runs.filter((run) => run.outcome === outcome).length, outcome]);
    const parts = counts.filter(([count]) => count > 0).map(([count, outcome]) => `${count} ${outcomeInWords(outcome)}`);
    return parts.join(", ") || "nothing to cancel";
}
const outcomeInWords = (outcome) => outcome === "would-cancel" ? "would be cancelled" : outcome.replace("-", " ");
/** What became of a run, in a sentence. */
function words_sentence(run) {
    const { outcome, before, after, detail, seconds } = run;
    const took = seconds > 0 ? `after ${(0,src_text/* duration */.p0)(seconds * 1000)}` : "at once";
    const more = detail ? `; ${detail}` : "";
    switch (outcome) {
        case "cancelled":
            return `cancelled ${took}; it was ${before ?? "not looked at"}${run.confirmed === "status-only" ? "; the vendor says so before the worker has stopped" : ""}${more}`;
        case "already-finished":
            return `had already finished: ${after ?? "unknown"}${more}`;
        case "finished-anyway":
            return `finished anyway: ${after ?? "unknown"}${more}`;
        case "cancelling":
            return `cancellation requested${more}`;
        case "would-cancel":
            return `would be cancelled; it is ${after ?? "unknown"}${more}`;
        default:
            return `${outcomeInWords(outcome)}${detail ? `: ${detail}` : ""}`;
    }
}
/** A request is going to be sent again. */
const retrying = (why, wait) => `${why}; again in ${(0,src_text/* duration */.p0)(wait)}`;
function variableName(variable) {
    if (typeof variable === "string")
        return variable;
    if ("file" in variable)
        return variable.file;
    return "prefix" in variable ? `${variable.prefix}<host>` : variable.name;
}
/** The variable that carries an input where inputs are variables. */
const variable = (name) => `CANCEL_RUN_${name.toUpperCase().replaceAll("-", "_")}`;

;// CONCATENATED MODULE: ./lib/src/hosts/common.js
/** What the hosts share: the platform and the inputs as the environment shows them, and a run in a sentence. */






/** GitHub Actions, and Gitea and Forgejo, which set the same variables: https://docs.github.com/actions/reference/workflows-and-actions/variables */
function githubPlatform(env, githubToken) {
    const { GITHUB_SERVER_URL: server, GITHUB_API_URL: api, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run, GITHUB_RUN_NUMBER: number, FORGEJO_TOKEN: forgejoToken, } = env;
    if (server === undefined)
        return undefined;
    const provider = runnerOf(env);
    const isForgejo = provider === "forgejo";
    const token = githubToken ?? (isForgejo ? forgejoToken : undefined);
    return {
        provider,
        server: trimmed(server),
        ...(api && { api: trimmed(api) }),
        variables: { server: "GITHUB_SERVER_URL", api: "GITHUB_API_URL" },
        ids: repository ? { repository } : {},
        self: [
            ...(repository && run ? [{ repository, "run-id": run }] : []),
            ...(repository && number && isForgejo ? [{ repository, "run-number": number }] : []),
        ],
        ...(repository && run && { own: { repository, "run-id": run } }),
        ...(token && { token }),
        ...(token && provider === "github" && { limits: { of: token, why: () => whyReadOnly(env) } }),
    };
}
/** The events of a pull request by which a fork cannot get at secrets. */
const ofPullRequests = ["pull_request", "pull_request_review", "pull_request_review_comment"];
/** And those that are treated like them when Dependabot is who has caused them. */
const ofDependabot = [...ofPullRequests, "push", "create", "deployment", "deployment_status"];
/**
 * Why a job's own token can only read, where the event says so.
 * https://docs.github.com/actions/concepts/security/github_token
 * https://docs.github.com/code-security/reference/supply-chain-security/troubleshoot-dependabot/troubleshooting-dependabot-on-github-actions
 */
function whyReadOnly(env) {
    const { GITHUB_EVENT_NAME: event = "", GITHUB_ACTOR: actor } = env;
    const secondStep = "cancel from a workflow on `workflow_run`";
    if (actor === "dependabot[bot]" && ofDependabot.includes(event))
        return `in a run that Dependabot has caused the job's own token can only read by default: set \`permissions: actions: write\`, or ${secondStep}`;
    if (!ofPullRequests.includes(event) || !isOfFork(env))
        return undefined;
    return `in a pull request from a fork the job's own token can only read, by design, whatever \`permissions\` says: ${secondStep} or \`pull_request_target\``;
}
function isOfFork({ GITHUB_EVENT_PATH: path }) {
    try {
        const { pull_request: pullRequest } = JSON.parse((0,external_node_fs_namespaceObject.readFileSync)(path ?? "", "utf8"));
        // The fork may be deleted by now.
        return pullRequest !== undefined && pullRequest.head?.repo?.full_name !== pullRequest.base?.repo?.full_name;
    }
    catch {
        return false;
    }
}
/**
 * Gitea's runner says so besides GITHUB_ACTIONS, and Forgejo's says all three.
 * https://gitea.com/gitea/runner/src/branch/main/internal/app/run/runner.go
 * https://code.forgejo.org/forgejo/runner/src/branch/main/internal/app/run/runner.go
 */
function runnerOf(env) {
    if (env["FORGEJO_ACTIONS"] === "true")
        return "forgejo";
    return env["GITEA_ACTIONS"] === "true" ? "gitea" : "github";
}
/** https://docs.gitlab.com/ci/variables/predefined_variables/ */
function gitlabPlatform(env) {
    const { CI_SERVER_URL: server, CI_API_V4_URL: api, CI_PROJECT_PATH: path, CI_PROJECT_ID: number, CI_PIPELINE_ID: pipeline, CI_JOB_ID: job, CI_PIPELINE_SOURCE: source, CI_JOB_TOKEN: jobToken, } = env;
    if (server === undefined)
        return undefined;
    const projects = [path, number].filter((project) => Boolean(project));
    const self = projects.flatMap((project) => [
        ...(job ? [{ project, "job-id": job }] : []),
        ...(pipeline ? [{ project, "pipeline-id": pipeline }] : []),
    ]);
    return {
        provider: "gitlab",
        server: trimmed(server),
        ...(api && { api: trimmed(api) }),
        variables: { server: "CI_SERVER_URL", api: "CI_API_V4_URL" },
        ids: projects[0] === undefined ? {} : { project: projects[0] },
        self,
        ...(projects[0] !== undefined && pipeline && { own: { project: projects[0], "pipeline-id": pipeline } }),
        nested: source === "parent_pipeline" || source === "pipeline",
        ...(jobToken && { limits: { of: jobToken, why: () => jobTokenLimits } }),
    };
}
/** https://docs.gitlab.com/ci/jobs/ci_job_token/#job-token-access */
const jobTokenLimits = "this is CI_JOB_TOKEN, which cannot cancel: give a personal, project or group access token with the scope `api`";
/** As the addresses that people paste are spelled, so that both compare. What is no address is told so later. */
const trimmed = (address) => (0,src_text/* head */.d5)(URL.canParse(address) ? new URL(address).href : address).replace(/\/+$/, "");
/** The platform that the environment shows, whatever the host. */
function platformOf(env) {
    if (env["GITHUB_ACTIONS"] === "true")
        return githubPlatform(env, undefined);
    if (env["CI_SERVER_URL"])
        return gitlabPlatform(env);
    return undefined;
}

/** Whether it is an input by its own name where inputs are variables: of the ids those of version 0.1. */
const isInput = (name) => inputs.some((input) => input.name === name) || idInputNames.includes(name);
/** Variables of ours that are no inputs: what a job hands on, and what the components tell the program of themselves. */
const ownVariables = new Set([
    ...outputs.map(({ name }) => variable(name)),
    ...["page", "bundle-url", "bundle-project", "bundle-ref", "id-variable", "id-input"].map(variable),
]);
/** Variables `CANCEL_RUN_…` that are neither inputs by `reads` nor our own. */
function strangeVariables(env, reads) {
    return Object.entries(env).flatMap(([spelled, value = ""]) => {
        const name = /^CANCEL_RUN_(.+)$/.exec(spelled)?.[1]?.toLowerCase().replaceAll("_", "-");
        // `url` is an input, and an output by another variable.
        const isOurs = name === undefined || reads(name) || (ownVariables.has(spelled) && !isInput(name));
        return isOurs ? [] : [{ name, spelled, value }];
    });
}
/** More than any list of addresses or ids has. */
const largestFile = (/* unused pure expression or super */ null && (64 * 1024));
/** The beginning of a text file; undefined where there is none. Throws `UsageError` where it cannot be read. */
function readText(path) {
    let file;
    try {
        file = openSync(path, "r");
        if (!fstatSync(file).isFile())
            throw Object.assign(new Error(), { code: "not a file" });
        const buffer = Buffer.alloc(largestFile);
        return buffer.toString("utf8", 0, readSync(file, buffer, 0, largestFile, 0));
    }
    catch (error) {
        const { code = "unknown" } = error;
        if (code === "ENOENT")
            return undefined;
        throw new UsageError(`${oneLine(path, 200)} cannot be read (${code})`);
    }
    finally {
        if (file !== undefined)
            closeSync(file);
    }
}
/** Whether a variable may hold a credential: of ours, of a vendor, of the job, or of a proxy or a mirror on the way. */
function holdsCredential(providers) {
    const own = [...interface_inputs.map(({ name }) => name).filter(isSecret), githubToken.name];
    const ofVendors = [...providers.values()]
        .flatMap(({ auth }) => auth.flatMap(({ env }) => Object.entries(env)))
        .flatMap(([input, variables]) => (isSecret(input) ? variables : []));
    const names = new Set([
        ...own.flatMap((name) => [variable(name), `INPUT_${name.toUpperCase()}`]),
        ...ofVendors.map((one) => (typeof one === "string" ? one : "name" in one ? one.name : "")),
        ...["CI_JOB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "FORGEJO_TOKEN", "GITEA_TOKEN", ...addresses],
    ]);
    const prefixes = ofVendors.flatMap((one) => (typeof one === "object" && "prefix" in one ? [one.prefix] : []));
    return (name) => names.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}
/** Addresses of which the password alone is secret. */
const addresses = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "CANCEL_RUN_BUNDLE_URL"];
/** Before the first line is written: what may be secret in the environment, whether it is used or not. */
function registerSecrets(env, providers) {
    const held = Object.keys(env).filter(holdsCredential(providers));
    for (const name of held) {
        const value = env[name]?.trim() ?? "";
        if (!addresses.includes(name))
            redact/* secrets */.O.add(value);
        else if (URL.canParse(value))
            redact/* secrets */.O.add(new URL(value).password);
    }
}
/** A line for people. Redacted before it is cut, and once more as it is written. */
function shown(text, max = 2000) {
    return redact/* secrets */.O.redact((0,src_text/* oneLine */.TN)(redact/* secrets */.O.redact(text), max));
}
/** Fields whose words are ours. */
const ownWords = ["outcome", "state", "before", "after", "confirmed", "provider", "target", "failOn"];
/** The report as it goes into every output: a secret in a field is taken out before the field is spelled for its place. */
function withoutSecrets(report) {
    return clear(report);
}
/** The same for any other data. */
function clear(value) {
    if (typeof value === "string")
        return clearText(value);
    if (Array.isArray(value))
        return value.map(clear);
    if (typeof value !== "object" || value === null)
        return value;
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [
        name,
        ownWords.includes(name) ? field : clear(field),
    ]));
}
/** What JSON makes of a text may be a secret, too. */
function clearText(text) {
    const clean = redact/* secrets */.O.redact(text);
    const json = JSON.stringify(clean).slice(1, -1);
    const safe = redact/* secrets */.O.redact(json);
    return safe === json ? clean : safe;
}
/** The report as JSON: the output `runs` with what sums it up. docs/report.schema.json says what is in it. */
function reportJson({ outcome, cancelled, state, url, runs, note }) {
    return JSON.stringify({ outcome, cancelled, state, url, runs, ...(note && { message: note }) });
}
const failing = (report) => report.runs.filter((run) => report.failOn.includes(run.outcome));
/** Runs that a list shows as they are; what is longer is folded. */
const longList = 10;
/** All runs of a report, in its order. */
function told(report, providers) {
    const failed = new Set(failing(report));
    return report.runs.map((run) => ({
        run,
        line: `${labelOf(run, providers)}: ${sentence(run)}`,
        address: run.url ?? "",
        failed: failed.has(run),
    }));
}

;// CONCATENATED MODULE: ./lib/src/hosts/library.js
/** A program: options in, a result out. What is worth a line in a log goes to a function of the program's, if it has one. */







/** They are about files and the end of a job, which a program sees better. */
const unread = ["id-file", "when"];
/** Lists are joined as each input is written. */
const separators = {
    url: "\n",
    branch: " ",
    commit: " ",
    workflow: ",",
    event: ",",
    status: ",",
    "fail-on": ",",
};
/** Throws `UsageError` for an option that there is not: JavaScript passes on any. */
function libraryHost(options, providers) {
    const { env = {}, log } = options;
    const values = textsOf(options);
    registerSecrets(env, providers);
    let wrongUsage;
    let report = summarize([], []);
    const tell = (level) => (line) => log?.(shown(line), level);
    const host = {
        input: (name) => values.get(name) ?? "",
        spell: (name) => (interface_inputs.some((input) => input.name === name) ? name : `ids["${name}"]`),
        // They were refused already.
        strangers: [],
        read: () => undefined,
        env,
        platform: platformOf(env),
        job: undefined,
        arm: () => undefined,
        defaultReason: "Cancelled by cancel-run",
        mask: (secret) => {
            redact/* secrets */.O.add(secret);
        },
        log: tell("info"),
        progress: tell("progress"),
        warn: tell("warning"),
        debug: tell("debug"),
        isDebug: false,
        usage: (line) => {
            wrongUsage = line;
        },
        report: (whole) => {
            report = withoutSecrets(whole);
            return Promise.resolve(true);
        },
    };
    const result = () => {
        if (wrongUsage !== undefined)
            throw new usage_UsageError(shown(wrongUsage));
        const { outcome, cancelled, state, url, runs, note, exit } = report;
        return { outcome, cancelled, state, url, runs, message: note, exitCode: exit };
    };
    return { host, result };
}
function textsOf(options) {
    const names = interface_inputs
        .map(({ name }) => name)
        .filter((name) => !unread.some((other) => other === name));
    const texts = new Map();
    for (const [name, value] of Object.entries(options)) {
        if (value === undefined || ["signal", "env", "log"].includes(name))
            continue;
        if (!names.includes(name))
            throw unknown(name, names);
        texts.set(name, name === "ids" && isTable(value) ? library_idsOf(value) : textOf(name, value));
    }
    return texts;
}
function unknown(name, names) {
    const near = nearest(name, names);
    const advice = near === undefined ? "ids by name go into ids" : `did you mean ${near}?`;
    return new usage_UsageError(`${(0,src_text/* oneLine */.TN)(name, 60)} is not an option; ${advice}`);
}
function textOf(name, value) {
    if (Array.isArray(value) && name in separators) {
        const separator = separators[name];
        return value.map((item) => textOf("", item)).join(separator);
    }
    if (typeof value === "string")
        return value;
    if (typeof value === "boolean" || Number.isSafeInteger(value))
        return String(value);
    throw new usage_UsageError(`${name || "an item of a list"} is ${kindOf(value)}, which it does not take`);
}
const isTable = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
/** As the input `ids` is written; a value is quoted, whatever is in it. */
function library_idsOf(ids) {
    const quoted = (name, value) => {
        const isId = typeof value === "string" || Number.isSafeInteger(value);
        // A larger number has been rounded before it came here.
        if (!isId)
            throw new usage_UsageError(`ids["${(0,src_text/* oneLine */.TN)(name, 60)}"] is ${kindOf(value)}; give a string`);
        return `"${String(value).replaceAll(/["\\]/g, String.raw `\$&`)}"`;
    };
    return Object.entries(ids)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => {
        const items = Array.isArray(value) ? value : [value];
        return `${name}: ${items.map((item) => quoted(name, item)).join(", ")}`;
    })
        .join("\n");
}
function kindOf(value) {
    if (typeof value === "number")
        return "a number that is not exact";
    if (value === null)
        return "null";
    return Array.isArray(value) ? "a list" : `of type ${typeof value}`;
}

;// CONCATENATED MODULE: ./lib/src/http/error.js
/** Why there is no usable reply. `message` is for people and names the host, never a secret. */
class HttpError extends Error {
    /** `postponed`: it was not done, and may be sent again by who knows that it is still wanted. */
    kind;
    /** The request, in one of its attempts, may have reached the server, so its effect is unknown. */
    maybeSent;
    constructor(kind, message, maybeSent) {
        super(message);
        this.kind = kind;
        this.maybeSent = maybeSent;
    }
}

;// CONCATENATED MODULE: ./lib/src/http/json.js
/** Parses JSON; integers beyond 2^53 become strings, because an id must not change. Returns undefined when it is broken. */
function parse(text) {
    try {
        return JSON.parse(quoteLargeIntegers(text));
    }
    catch {
        return undefined;
    }
}
const [quote, backslash, minus, zero, nine] = [0x22, 0x5c, 0x2d, 0x30, 0x39];
/** Shorter ones are safe. */
const shortestLarge = 16;
/** Each character is looked at once, whatever the text: a pattern would try again from every quote of a text that is not JSON. */
function quoteLargeIntegers(text) {
    let [quoted, done, inString] = ["", 0, false];
    for (let at = 0; at < text.length; at++) {
        const code = text.charCodeAt(at);
        if (inString) {
            if (code === backslash)
                at++;
            else if (code === quote)
                inString = false;
        }
        else if (code === quote)
            inString = true;
        else if (code === minus || isDigit(code)) {
            const end = endOfNumber(text, at);
            const number = text.slice(at, end);
            if (end - at >= shortestLarge && isLargeInteger(number)) {
                quoted += `${text.slice(done, at)}"${number}"`;
                done = end;
            }
            at = end - 1;
        }
    }
    return quoted + text.slice(done);
}
const isDigit = (code) => code >= zero && code <= nine;
const isLargeInteger = (number) => {
    const digits = number.replace(/^-/, "");
    return digits.length >= shortestLarge && !/\D/.test(digits) && !Number.isSafeInteger(Number(number));
};
function endOfNumber(text, start) {
    let end = start + 1;
    while (end < text.length && (isDigit(text.charCodeAt(end)) || ".eE+-".includes(text.charAt(end))))
        end++;
    return end;
}

;// CONCATENATED MODULE: ./lib/src/http/retry.js
/** At most this many tries of one request, where not the deadline is what ends them. */
const tries = 5;
const base = 500;
const cap = 30_000;
/** A server that restarts answers again at some moment, and a run goes on until then. */
const outageCap = 10_000;
/** A try may need this long, so none is left for later than this before the deadline, in ms. */
const lastTry = 1000;
/** What a rate limit asks for that does not say how long: https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api */
const defaultRateLimitWait = 60_000;
/** What to do after a reply. `busy` is the vendor's own word for "ask again". */
function afterReply(reply, busy, attempt) {
    const { status } = reply;
    const limited = isLimited(reply);
    if (!busy && !limited && status !== 408 && !(status >= 500 && status !== 501))
        return { giveUp: undefined };
    const why = limited ? `rate limited (${status})` : `answered ${status}`;
    const asked = requestedWait(reply, attempt.now);
    const left = Math.max(0, Math.floor(attempt.left / 1000));
    if (asked !== undefined && asked > attempt.left)
        return { giveUp: tooLong(asked, attempt.left) };
    if (limited && asked === undefined && defaultRateLimitWait > attempt.left)
        return { giveUp: `it is rate limited and does not say for how long, and only ${left} s are left` };
    if (limited && asked === undefined)
        return { again: defaultRateLimitWait, why };
    // A limit is no refusal, even where its status says so, and nothing was done.
    const patient = limited || (isRestarting(status) && !attempt.changes);
    if (!patient && attempt.number >= tries)
        return { giveUp: undefined };
    if (asked === undefined)
        return later(backoff(attempt, patient), attempt, why, patient);
    // "At once", said again and again, is not taken at its word, and not at the end of the time either.
    if (attempt.number >= tries && attempt.left <= lastTry)
        return { giveUp: `the server still asks to wait after ${attempt.number} tries, and no time is left` };
    const more = attempt.number < tries ? 0 : backoff(attempt, patient);
    return { again: Math.max(asked, Math.min(more, attempt.left - lastTry)), why };
}
/** A wait that the server asks for does not fit the time that is left; both in ms. */
const tooLong = (asked, left) => `the server asks to wait ${Math.ceil(asked / 1000)} s, and only ${Math.max(0, Math.floor(left / 1000))} s are left`;
/** What a gateway says while the server behind it is away: 502, 503, 504, and Cloudflare's own. https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/ */
const isRestarting = (status) => (status >= 502 && status <= 504) || (status >= 520 && status <= 527);
/** Whoever asks next is told the same. */
const isLimited = (reply) => reply.status === 429 || isRateLimit(reply);
/** A 403 that is a rate limit: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
function isRateLimit(reply) {
    return (reply.status === 403 &&
        (reply.headers["retry-after"] !== undefined ||
            reply.headers["x-ratelimit-remaining"] === "0" ||
            /secondary rate limit/i.test(reply.text)));
}
/** What to do after a failure below HTTP. */
function afterFailure(code, attempt) {
    const lost = mayHaveArrived.has(code);
    const patient = untilDeadline.has(code) || (lost && !attempt.changes);
    const most = patient ? Infinity : lost ? tries : (failures[code] ?? 1);
    if (attempt.number >= most)
        return { giveUp: undefined };
    return later(backoff(attempt, patient), attempt, code, patient);
}
/** Nobody is there yet, or it takes its time. */
const untilDeadline = new Set([
    "ECONNREFUSED",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "EHOSTDOWN",
    "ENETDOWN",
    "EAI_AGAIN",
    "UND_ERR_CONNECT_TIMEOUT",
    "TIMEOUT",
    "ETIMEDOUT",
    "PROXY_BUSY",
    "PROXY_DOWN",
]);
/** Also what plain http sent to a TLS port looks like. */
const mayHaveArrived = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "CUT"]);
/** How often a request is tried that fails otherwise. Certificates, size limits and what is not listed: once. */
const failures = {
    // A container's resolver may not be up yet; a misspelt host never will be.
    ENOTFOUND: tries,
    PROXY_UNKNOWN: tries,
    BAD_JSON: 3,
    NOT_JSON: 3,
    HTTPParserError: 2,
};
function backoff({ number, random }, patient) {
    return random() * Math.min(patient ? outageCap : cap, base * 2 ** number);
}
/** A patient one uses the time that there is, to its end. */
function later(wait, { left }, why, patient) {
    if (patient && left > lastTry)
        return { again: Math.min(wait, left - lastTry), why };
    return !patient && wait < left ? { again: wait, why } : { giveUp: undefined };
}
/** The wait in ms that the server asks for: `Retry-After` in seconds or as a date (by the server's own clock), or the reset of a spent rate limit. */
function requestedWait(reply, now) {
    const after = reply.headers["retry-after"]?.trim();
    const sent = httpDate(reply.headers["date"]) ?? now().getTime();
    if (after !== undefined) {
        if (/^\d{1,10}$/.test(after))
            return Number(after) * 1000;
        const until = httpDate(after);
        if (until !== undefined)
            return Math.max(0, until - sent);
    }
    const remaining = limitHeader(reply, "remaining");
    const reset = limitHeader(reply, "reset");
    if (reset === undefined || !/^\d{1,11}(?:\.\d{1,9})?$/.test(reset))
        return undefined;
    const seconds = Number(reset);
    if (seconds < firstMoment)
        return reply.status === 429 || remaining === "0" ? Math.ceil(seconds * 1000) : undefined;
    return remaining === "0" ? Math.max(0, seconds * 1000 - sent) + 1000 : undefined;
}
/** How many requests the server's own count leaves, and in how many ms it is reset; undefined where a reply does not say both. */
function quotaLeft(reply, now) {
    const [remaining = "", reset = ""] = [limitHeader(reply, "remaining"), limitHeader(reply, "reset")];
    if (!/^\d{1,9}$/.test(remaining) || !/^\d{1,11}(?:\.\d{1,9})?$/.test(reset))
        return undefined;
    const sent = httpDate(reply.headers["date"]) ?? now().getTime();
    const ms = Number(reset) * 1000;
    return { remaining: Number(remaining), resetsIn: Number(reset) < firstMoment ? ms : Math.max(0, ms - sent) };
}
/** With and without the prefix: https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers has none. */
const limitHeader = ({ headers }, name) => (headers[`x-ratelimit-${name}`] ?? headers[`ratelimit-${name}`])?.trim();
/**
 * The reset of a limit is a moment, in seconds since 1970, or a delay in seconds, with a fraction (`rateLimitBackoff` of
 * go-tfe 1.111.2 reads it so). No delay is as long as this, and no moment as early.
 */
const firstMoment = 1e9;
/** IMF-fixdate, the one form that servers may send: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 */
function httpDate(text) {
    if (text === undefined ||
        !/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text))
        return undefined;
    const time = Date.parse(text);
    return Number.isNaN(time) ? undefined : time;
}

// EXTERNAL MODULE: ./lib/src/node_modules/undici/lib/dispatcher/agent.js
var agent = __nccwpck_require__(1634);
// EXTERNAL MODULE: ./lib/src/node_modules/undici/lib/api/api-request.js
var api_request = __nccwpck_require__(6818);
;// CONCATENATED MODULE: external "node:dns"
const external_node_dns_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:dns");
;// CONCATENATED MODULE: ./lib/src/http/metadata.js
/** Addresses of cloud metadata services and of the local link: never a CI server, often a way to steal credentials. */
/** https://cloud.google.com/compute/docs/metadata/querying-metadata; any other name is known by what it resolves to. */
const metadata_names = /^metadata\.(?:google\.internal|goog)\.?$/i;
/** Link-local: https://www.rfc-editor.org/rfc/rfc3927, https://www.rfc-editor.org/rfc/rfc4291#section-2.5.6 */
const isLinkLocal4 = (high) => high === 0xa9fe;
const isLinkLocal6 = (first) => (first & 0xffc0) === 0xfe80;
/** In hexadecimal, without leading zeros. */
const services4 = new Set([
    // 100.100.100.200: https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
    "6464:64c8",
    // 168.63.129.16: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
    "a83f:8110",
    // 192.0.0.192: Oracle Cloud Classic's.
    "c000:c0",
]);
const services6 = new Set([
    // https://cloud.google.com/compute/docs/metadata/querying-metadata
    "fd20:ce:0:0:0:0:0:254",
    // Scaleway's: cloud-init, sources/DataSourceScaleway.py
    "fd00:42:0:0:0:0:0:42",
]);
/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html and, in EKS, fd00:ec2::23 */
const ec2 = "fd00:ec2:";
/** `host`: a name or an address, as `URL` spells hosts (it has undone decimal, octal and hexadecimal IPv4), with or without brackets. */
function isMetadata(host) {
    const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.?$/.exec(host.slice(0, 50));
    if (v4) {
        const [a = 0, b = 0, c = 0, d = 0] = v4.slice(1).map(Number);
        return isMetadata4(a * 256 + b, c * 256 + d);
    }
    if (!host.includes(":"))
        return metadata_names.test(host.slice(0, 300));
    const groups = groupsOf(host);
    return groups === undefined || isMetadata6(groups);
}
const isMetadata4 = (high, low) => isLinkLocal4(high) || services4.has(`${high.toString(16)}:${low.toString(16)}`);
function isMetadata6(groups) {
    const spelled = groups.map((group) => group.toString(16)).join(":");
    if (isLinkLocal6(groups[0]) || services6.has(spelled) || spelled.startsWith(ec2))
        return true;
    return embedded(groups).some(([high, low]) => isMetadata4(high, low));
}
/** The IPv4 addresses that an IPv6 address leads to, or may. */
function embedded(groups) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
    const found = [];
    const startsWithZeros = a === 0 && b === 0 && c === 0 && d === 0;
    // Mapped, compatible, and translated: https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5 https://www.rfc-editor.org/rfc/rfc2765
    if (startsWithZeros && (e === 0 || e === 0xffff) && (f === 0 || f === 0xffff))
        found.push([g, h]);
    // NAT64, with the well-known prefix and with that for local use: https://www.rfc-editor.org/rfc/rfc6052 https://www.rfc-editor.org/rfc/rfc8215
    if (a === 0x64 && b === 0xff9b && (c === 1 || (c === 0 && d === 0 && e === 0 && f === 0)))
        found.push([g, h]);
    // 6to4: https://www.rfc-editor.org/rfc/rfc3056
    if (a === 0x2002)
        found.push([b, c]);
    // Teredo, inverted: https://www.rfc-editor.org/rfc/rfc4380#section-4
    if (a === 0x2001 && b === 0)
        found.push([g ^ 0xffff, h ^ 0xffff]);
    // ISATAP: https://www.rfc-editor.org/rfc/rfc5214#section-6.1
    if ((e & 0xfdff) === 0 && f === 0x5efe)
        found.push([g, h]);
    return found;
}
/** The eight numbers of an IPv6 address; undefined if it is none. */
function groupsOf(host) {
    const bare = host.replace(/^\[|\]$/g, "").split("%", 1)[0];
    // A resolver may spell the last ones as IPv4.
    if (!URL.canParse(`http://[${bare}]`))
        return undefined;
    const { hostname } = new URL(`http://[${bare}]`);
    const [left = [], right = []] = hostname
        .slice(1, -1)
        .split("::")
        .map((half) => half.split(":").flatMap((group) => (group === "" ? [] : parseInt(group, 16))));
    return [...left, ...Array(8 - left.length - right.length).fill(0), ...right];
}

;// CONCATENATED MODULE: ./lib/src/http/transport.js
/**
 * One HTTP request on the wire: connections, TLS, proxies, timeouts and size limits.
 * undici's parts are imported one by one: its root module evaluates fetch, WebSocket and caches that no request here uses.
 */





/** Decoded bytes of one reply; a run's JSON is a few kB. */
const largestReply = 5 * 1024 * 1024;
/** What went wrong below HTTP. `code` is Node's, undici's or ours. */
class TransportError extends Error {
    code;
    constructor(code, message) {
        super(message);
        this.code = code;
    }
}
/** Sends by undici, through the proxy that the environment names, if any. */
function undiciTransport(env) {
    let dispatcher;
    return {
        async send({ method, url, headers, body, signal }) {
            // An address is not looked up.
            if (isMetadata(url.hostname))
                throw forbidden(url.hostname);
            dispatcher ??= connect(env);
            const response = await api_request.call(await dispatcher, {
                origin: url.origin,
                path: url.pathname + url.search,
                method,
                headers,
                body: body ?? null,
                signal,
            })
                .catch((error) => {
                throw refusedByProxy(error, url, env) ?? unreachableProxy(error, url, env) ?? error;
            });
            const flat = {};
            for (const [name, value] of Object.entries(response.headers))
                flat[name] = Array.isArray(value) ? value.join(", ") : (value ?? "");
            const chunks = [];
            let size = 0;
            try {
                for await (const chunk of response.body) {
                    size += chunk.length;
                    if (size > largestReply)
                        throw tooLarge();
                    chunks.push(chunk);
                }
            }
            catch (error) {
                if (signal.aborted || error instanceof TransportError)
                    throw error;
                return { status: response.statusCode, headers: flat, text: "", cut: true };
            }
            // undici gives a connection back one turn of the event loop after its reply: a request before that opens another one.
            await new Promise(setImmediate);
            return {
                status: response.statusCode,
                headers: flat,
                text: await transport_decode(Buffer.concat(chunks), flat["content-encoding"]),
            };
        },
        async close() {
            // destroy, not close: a request that was given up on must not keep the process alive.
            await (await dispatcher?.catch(() => undefined))?.destroy();
        },
    };
}
const tooLarge = () => new TransportError("TOO_LARGE", `the reply is larger than ${largestReply / 1024 / 1024} MiB`);
/** NODE_TLS_REJECT_UNAUTHORIZED=0 would hand a credential to anybody; NODE_EXTRA_CA_CERTS is the way to trust a private authority. */
const verified = { rejectUnauthorized: true };
/** To the server itself. To a proxy it is the proxy that looks names up, and the environment that says where the proxy is. */
const toServer = { ...verified, lookup: lookUp };
/** A name is judged by the addresses that are connected to: those of an earlier look-up may have been others. */
function lookUp(...[name, options, done]) {
    external_node_dns_namespaceObject.lookup(name, options, (error, found, family) => {
        const addresses = error ? [] : typeof found === "string" ? [found] : found.map(({ address }) => address);
        const bad = addresses.find(isMetadata);
        if (bad === undefined)
            done(error, found, family);
        else
            done(forbidden(bad), []);
    });
}
const forbidden = (address) => new TransportError("FORBIDDEN", `it is at ${address}, a link-local or metadata address; nothing was sent`);
/** What a proxy answers instead of opening a tunnel is known by undici's words only. */
function refusedByProxy(error, url, env) {
    const status = /^Proxy response \((\d+)\)/.exec(error instanceof Error ? error.message : "")?.[1];
    if (status === undefined)
        return undefined;
    if (/^(?:408|429|5..)$/.test(status))
        return new TransportError("PROXY_BUSY", `the proxy answers ${status}`);
    const { http, https } = proxiesOf(env);
    const given = proxy(url.protocol === "https:" ? (https ?? http) : (http ?? https));
    const where = URL.canParse(given) ? ` ${new URL(given).hostname}:${portOf(new URL(given))}` : "";
    const what = status === "407"
        ? "does not accept the user name and password, or wants some (407); put them into HTTPS_PROXY or HTTP_PROXY, http://NAME:PASSWORD@HOST:PORT"
        : `does not open a tunnel there (${status}); ask who runs it to allow this host, or list it in NO_PROXY if it can be reached without`;
    return new TransportError("PROXY_REFUSED", `the proxy${where} ${what}`);
}
/** The proxy that could not be connected to, told by what the error says of its peer; undefined if that was the server. */
function unreachableProxy(error, url, env) {
    if (typeof error !== "object" || error === null)
        return undefined;
    const { code, port, hostname } = error;
    if (typeof code !== "string" || !/^(?:ECONN|EHOST|ENET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT)/.test(code))
        return undefined;
    for (const address of Object.values(proxiesOf(env))) {
        if (address === undefined || !URL.canParse(proxy(address)))
            continue;
        const given = new URL(proxy(address));
        const isPeer = hostname === undefined
            ? `${port}` === portOf(given) && portOf(given) !== portOf(url)
            : hostname === given.hostname && hostname !== url.hostname;
        if (isPeer)
            return new TransportError(code === "ENOTFOUND" ? "PROXY_UNKNOWN" : "PROXY_DOWN", `the proxy ${given.hostname}:${portOf(given)} cannot be reached (${code}); check HTTPS_PROXY or HTTP_PROXY`);
    }
    return undefined;
}
const portOf = ({ port, protocol }) => port || (protocol === "https:" ? "443" : "80");
const variableOf = (env, name) => env[name.toLowerCase()] || env[name.toUpperCase()] || undefined;
const proxiesOf = (env) => ({
    http: variableOf(env, "http_proxy"),
    https: variableOf(env, "https_proxy"),
});
async function connect(env) {
    const { http, https } = proxiesOf(env);
    const direct = (variableOf(env, "no_proxy") ?? "").split(/[,\s]+/).filter(Boolean);
    if ((!http && !https) || direct.includes("*"))
        return new agent({ connect: toServer });
    const [{ default: EnvHttpProxyAgent }, { default: Dispatcher }, { default: tunnel }] = await Promise.all([
        Promise.resolve(/* import() eager */).then(__nccwpck_require__.t.bind(__nccwpck_require__, 3984, 19)),
        Promise.resolve(/* import() eager */).then(__nccwpck_require__.t.bind(__nccwpck_require__, 5566, 19)),
        Promise.resolve(/* import() eager */).then(__nccwpck_require__.t.bind(__nccwpck_require__, 6353, 19)),
    ]);
    // The root module sets it; the proxy agent opens its tunnels by it.
    Dispatcher.prototype.connect = async function (options) {
        try {
            return await tunnel.call(this, options);
        }
        catch (error) {
            // For this one error undici would open the next tunnel at once, without end.
            if (error.code !== "UND_ERR_SOCKET")
                throw error;
            throw new TransportError("PROXY_BUSY", "the proxy closes the connection instead of opening a tunnel");
        }
    };
    try {
        const { username, password } = new URL(proxy(https ?? http));
        return new EnvHttpProxyAgent({
            // undici leaves out a user name without a password, which is how some proxies take a token.
            ...(username &&
                !password && { token: `Basic ${Buffer.from(`${decodeURIComponent(username)}:`).toString("base64")}` }),
            connect: toServer,
            requestTls: verified,
            proxyTls: verified,
            httpProxy: proxy(http ?? https),
            httpsProxy: proxy(https ?? http),
            // undici takes the last part of an IPv6 address without brackets for a port.
            noProxy: ["localhost", "127.0.0.1", "::1", ...direct]
                .map((host) => (/^[^[\]]*:[^[\]]*:/.test((0,src_text/* head */.d5)(host)) ? `[${host}]` : host))
                .join(","),
        });
    }
    catch {
        // The original message quotes the proxy's address with its password.
        throw new TransportError("PROXY", "HTTPS_PROXY or HTTP_PROXY does not hold a proxy address such as http://proxy.example.com:8080");
    }
}
/** curl and the Actions toolkit accept a proxy without scheme; undici does not. */
const proxy = (address) => !address || address.includes("://") ? (address ?? "") : `http://${address}`;
async function transport_decode(bytes, encoding) {
    if (encoding === undefined)
        return bytes.toString("utf8");
    const { gunzipSync, inflateSync, brotliDecompressSync, constants } = await Promise.resolve(/* import() */).then(__nccwpck_require__.t.bind(__nccwpck_require__, 8522, 19));
    // Servers are not asked to compress; some proxies do all the same. A missing trailer is tolerated: parsing decides.
    const options = { maxOutputLength: largestReply, finishFlush: constants.Z_SYNC_FLUSH };
    try {
        if (encoding === "gzip" || encoding === "x-gzip")
            return gunzipSync(bytes, options).toString("utf8");
        if (encoding === "deflate")
            return inflateSync(bytes, options).toString("utf8");
        if (encoding === "br")
            return brotliDecompressSync(bytes, { maxOutputLength: largestReply }).toString("utf8");
    }
    catch (error) {
        if (error.code === "ERR_BUFFER_TOO_LARGE")
            throw tooLarge();
        throw new TransportError("ENCODING", `the reply's ${encoding ?? ""} encoding is broken`);
    }
    return bytes.toString("utf8");
}

;// CONCATENATED MODULE: ./lib/src/http/client.js






/** Why a signal was aborted: a person has asked to stop, so what has not been sent is not sent any more. */
const byPerson = "by a person";
const isStopped = (signal) => signal?.reason === byPerson;
/** One attempt may take this long: connect, headers and body together. */
const attemptTimeout = 30_000;
const redirects = 5;
/** What is kept of an HTML page: its title and its first words, in characters. */
const largestPage = 10_000;
/** Longest wait between attempts once there is no time to lose. */
const maxWaitAfterInterrupt = 500;
/** Sends by `transport`, in the time of `clock`. `trace` is told of each attempt. */
function createClient(transport, clock, trace) {
    async function send(request, options, hops = 0) {
        const { host } = request.url;
        let maybeSent = false;
        for (let number = 1 + (options.attemptsBefore ?? 0);; number++) {
            if (options.signal?.aborted)
                throw new HttpError("aborted", "interrupted", maybeSent);
            if (sendsNothing(request, options))
                throw new HttpError("aborted", "interrupted", maybeSent);
            if (clock.now() >= options.deadline)
                throw new HttpError("deadline", `${host}: out of time`, maybeSent);
            const held = options.lane?.heldUntil ?? 0;
            // Another run's request has been told so.
            if (held > options.deadline)
                throw new HttpError("deadline", `${host}: ${tooLong(held - clock.now(), options.deadline - clock.now())}`, maybeSent);
            const got = await attempt(request, number, options);
            const unclear = isUnclear(got, request);
            if (unclear)
                options.onUnclear?.();
            maybeSent ||= unclear;
            const verdict = options.once && unclear ? { giveUp: undefined } : verdictOn(got, number, request, options);
            if ("reply" in got && isLimited(got.wire))
                options.lane?.hold("again" in verdict ? verdict.again : (requestedWait(got.wire, () => clock.date()) ?? 0));
            // What may have been done already is for a look to say, and not only after a wait that nobody has asked for.
            const isTooLate = unclear && "again" in verdict && clock.now() + verdict.again > (options.retryUntil ?? Infinity);
            if ("again" in verdict && !(isTooLate && !asksToWait(got, () => clock.date()))) {
                const reason = await pause(verdict, host, options);
                await options.lane?.again(waiting(request, options));
                if (!sendsNothing(request, options) && clock.now() <= (options.retryUntil ?? Infinity))
                    continue;
                if (!unclear)
                    throw new HttpError(maybeSent ? "unreachable" : "postponed", reason, maybeSent);
            }
            if ("failure" in got)
                throw maybeSent ? sentBefore(got.failure) : got.failure;
            const { reply, wire } = got;
            if ("giveUp" in verdict && verdict.giveUp)
                throw new HttpError("deadline", `${host} answered ${wire.status}: ${verdict.giveUp}`, maybeSent);
            if (!isUnexpectedRedirect(wire, request))
                return reply;
            await options.lane?.again(waiting(request, options));
            return await send({ ...request, url: redirected(wire, request.url, hops) }, options, hops + 1);
        }
    }
    async function attempt(request, number, options) {
        const since = clock.now();
        const tell = (came) => trace?.({ method: request.method, url: request.url, attempt: number, ms: clock.now() - since, came });
        try {
            const wire = await exchange(request, options);
            tell(wire);
            const quota = quotaLeft(wire, () => clock.date());
            if (quota && options.lane)
                options.lane.quota = { remaining: quota.remaining, resetsAt: clock.now() + quota.resetsIn };
            if (request.method !== "GET" && isUnexpectedRedirect(wire, request))
                return { failure: moved(wire, request.url) };
            return readReply(wire, request, reads(request, options));
        }
        catch (error) {
            if (error instanceof HttpError) {
                tell(error.kind);
                throw error;
            }
            const code = failureCode(error);
            tell(code);
            const failure = new HttpError("unreachable", explain(code, error, request.url), !neverSent.has(code));
            return { failure, code };
        }
    }
    async function exchange(request, options) {
        const stop = new AbortController();
        const abort = () => stop.abort();
        const timeout = setTimeout(abort, Math.max(1, Math.min(attemptTimeout, options.deadline - clock.now())));
        options.signal?.addEventListener("abort", abort);
        if (options.signal?.aborted)
            abort();
        try {
            const headers = { accept: "application/json", "user-agent": "cancel-run", ...request.headers };
            const proof = options.authorize && (await unlessAborted(options.authorize({ ...request, headers }), stop.signal));
            if (stop.signal.aborted)
                throw new TransportError("TIMEOUT", "no time left");
            const sent = transport.send({
                method: request.method,
                url: request.url,
                headers: { ...headers, ...proof },
                body: request.body,
                signal: stop.signal,
            });
            // undici heeds a signal only once it is connected, and a proxy may take its time over a tunnel.
            return await unlessAborted(sent, stop.signal);
        }
        catch (error) {
            if (error instanceof HttpError)
                throw error;
            if (options.signal?.aborted)
                throw new HttpError("aborted", "interrupted", true);
            throw stop.signal.aborted ? new TransportError("TIMEOUT", "no answer in time") : error;
        }
        finally {
            clearTimeout(timeout);
            options.signal?.removeEventListener("abort", abort);
        }
    }
    function verdictOn(got, number, request, options) {
        const { deadline, busy } = options;
        // After the reply, which may have taken its time.
        const left = deadline - clock.now();
        const tried = {
            number,
            left,
            changes: !reads(request, options),
            random: () => clock.random(),
            now: () => clock.date(),
        };
        if ("reply" in got && request.answers?.includes(got.wire.status))
            return { giveUp: undefined };
        if ("reply" in got)
            return afterReply(got.wire, busy?.(got.reply) ?? false, tried);
        return got.code === undefined ? { giveUp: undefined } : afterFailure(got.code, tried);
    }
    /** Waits, and says what for. */
    async function pause({ again, why }, host, options) {
        const { interrupted, signal, onRetry } = options;
        const reason = `${host}: ${explanations[why]?.split(";")[0] ?? why}`;
        onRetry?.(reason, again);
        if (interrupted?.aborted)
            await clock.sleep(Math.min(again, maxWaitAfterInterrupt), signal);
        else
            await clock.sleep(again, interrupted ?? signal);
        return reason;
    }
    return { send };
}
/** Waits for work that others wait for, too: when the signal aborts it goes on, and only the waiting ends. */
async function unlessAborted(work, signal) {
    let abort = () => undefined;
    const aborted = new Promise((_, reject) => {
        abort = () => reject(new TransportError("ABORTED", "interrupted"));
        if (signal.aborted)
            abort();
        else
            signal.addEventListener("abort", abort);
    });
    try {
        return await Promise.race([work, aborted]);
    }
    finally {
        signal.removeEventListener("abort", abort);
    }
}
/** Whether the request had an effect is not known. */
function isUnclear(got, { answers }) {
    if ("failure" in got)
        return got.failure.maybeSent;
    const { status } = got.wire;
    return (status === 408 || (status >= 500 && status !== 501)) && !answers?.includes(status);
}
/** The failure of a request that an earlier attempt may have brought to the server. */
const sentBefore = ({ kind, message }) => new HttpError(kind, message, true);
const asksToWait = (got, now) => "reply" in got && requestedWait(got.wire, now) !== undefined;
/** A person has asked to stop, and it would change something. */
const sendsNothing = (request, options) => isStopped(options.interrupted) && !reads(request, options);
/** Whether it changes nothing. */
const reads = ({ method }, options) => options.reads ?? method === "GET";
const isUnexpectedRedirect = ({ status }, { accepts }) => [301, 302, 303, 307, 308].includes(status) && !accepts?.includes(status);
/** As a lane is to know it. */
function waiting(request, options) {
    const { deadline, interrupted, signal } = options;
    return { changes: !reads(request, options), deadline, signal: interrupted ?? signal };
}
/** A request that changes something is never sent to another address than the one it was meant for. */
function moved(wire, from) {
    const location = wire.headers["location"] ?? "";
    if (isLogin(location, from))
        return toLogin(location, from);
    return new HttpError("protocol", `${from.host} answered ${wire.status} and points to ${(0,src_text/* oneLine */.TN)(location, 200) || "nowhere"}; cancel requests are never redirected; use the new address`, false);
}
function redirected(wire, from, hops) {
    const location = wire.headers["location"] ?? "";
    if (!URL.canParse(location, from.href))
        throw new HttpError("protocol", `${from.host} answered ${wire.status} without a usable location`, false);
    const to = new URL(location, from);
    if (isLogin(location, from))
        throw toLogin(location, from);
    if (to.origin !== from.origin)
        throw new HttpError("protocol", `${from.host} redirects to ${(0,src_text/* oneLine */.TN)(to.origin, 100)}; credentials stay with the server they were given for: check the server's address`, false);
    if (hops >= redirects)
        throw new HttpError("protocol", `${from.host} redirects in a loop`, false);
    return to;
}
/** Whether a redirect leads to where people sign in. */
function isLogin(location, from) {
    if (!URL.canParse(location, from.href))
        return false;
    const { hostname, pathname } = new URL(location, from);
    const byName = hostname !== from.hostname && /^(?:login|signin|sso|idp|accounts?)\./i.test(hostname);
    return byName || /\/_?(?:log-?in|sign[-_]?in|sso|saml2?|authorize|commenceLogin)(?:[/.;]|$)/i.test(pathname);
}
function toLogin(location, from) {
    const { origin, pathname } = new URL(location, from);
    return new HttpError("denied", `${from.host} leads to a login page, ${(0,src_text/* oneLine */.TN)(origin + pathname, 150)}: it, or a proxy in front of it, did not take the credential`, false);
}
/** A 2xx counts only when it is JSON or, for a request that changes something, empty; one that reads is tried again. */
function readReply(wire, request, reads) {
    const { status, headers, text } = wire;
    const { host } = request.url;
    const ok = status >= 200 && status < 300;
    const type = headers["content-type"] ?? "";
    const mayBeEmpty = !reads && text.trim() === "";
    const failure = (code, message) => ({
        failure: new HttpError("protocol", message, true),
        ...(reads && { code }),
    });
    const reply = (body, html) => ({
        reply: { status, headers, body, ...(html !== undefined && { html: (0,src_text/* head */.d5)(html, largestPage) }) },
        wire,
    });
    if (wire.cut)
        return ok ? failure("CUT", `${host} cut the connection in its reply (${status})`) : reply(undefined);
    // The label is no proof: moto sends JSON as text/html, others as text/plain or JavaScript.
    const data = /^\s*[{[]/.test(text) ? read(text) : undefined;
    if (data !== undefined && !request.text)
        return reply(data);
    const isPage = text.trim() !== "" && (/html/i.test(type) || /^\s*<(?:!doctype html|html|head)\b/i.test(text));
    if (request.text && text && !isPage)
        return reply(text);
    if (/\bjson\b/i.test(type) && !isPage) {
        const body = read(text);
        if (body !== undefined || !ok || mayBeEmpty)
            return reply(body);
        return failure("BAD_JSON", `${host} sent broken JSON`);
    }
    if (!type && ok && /^\s*[{[]/.test(text))
        return failure("BAD_JSON", `${host} sent broken JSON`);
    if (!ok || request.accepts?.includes(status) || mayBeEmpty)
        return isPage ? reply(undefined, text) : reply(ok ? undefined : text || undefined);
    // A login page stays one; a page that says "back in a minute" does not.
    return failure("NOT_JSON", `expected JSON, got ${whatCame(type, text, host)}`);
}
function read(text) {
    const body = parse(text);
    return text.length <= src_text/* longestText */.Ie ? body : withShortTexts(body);
}
/** No pattern, those of a vendor's functions neither, sees more of a text than its head. */
function withShortTexts(body) {
    const top = { body };
    // Without recursion: a reply may be nested as deep as it is long.
    const left = [top];
    for (let parent = left.pop(); parent !== undefined; parent = left.pop())
        for (const [name, value] of Object.entries(parent)) {
            if (typeof value === "object" && value !== null)
                left.push(value);
            if (typeof value !== "string" || value.length <= src_text/* longestText */.Ie)
                continue;
            // A field may be called __proto__.
            Object.defineProperty(parent, name, { value: (0,src_text/* head */.d5)(value) });
        }
    return top.body;
}
function whatCame(type, text, host) {
    if (!/html/i.test(type) && !/^\s*</.test(text))
        return `${(0,src_text/* oneLine */.TN)(type, 60) || "an empty reply"} from ${host}`;
    const title = /<title[^>]*>([^<]*)/i.exec((0,src_text/* head */.d5)(text))?.[1];
    return `an HTML page${title ? ` ("${(0,src_text/* oneLine */.TN)(title, 80)}")` : ""} from ${host} (a login page or a proxy?)`;
}
function failureCode(error) {
    if (typeof error !== "object" || error === null)
        return "UNKNOWN";
    const { code, name, cause } = error;
    if (typeof code === "string")
        return code.startsWith("HPE_") ? "HTTPParserError" : code;
    if (typeof cause === "object" && cause !== null)
        return failureCode(cause);
    return typeof name === "string" ? name : "UNKNOWN";
}
/** Failures of which we know that no byte of the request was read. */
const neverSent = new Set([
    "ECONNREFUSED",
    "ENOTFOUND",
    "EAI_AGAIN",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "EHOSTDOWN",
    "ENETDOWN",
    "FORBIDDEN",
    "UND_ERR_CONNECT_TIMEOUT",
    "PROXY",
    "PROXY_BUSY",
    "PROXY_DOWN",
    "PROXY_UNKNOWN",
    "PROXY_REFUSED",
]);
function explain(code, error, url) {
    if (error instanceof TransportError && code !== "TIMEOUT")
        return `${url.host}: ${error.message}`;
    const words = explanations[code];
    if (words)
        return `${url.host}: ${words}`;
    if (/CERT|SELF_SIGNED|UNABLE_TO_|TLS_/.test(code))
        return `${url.host}: its certificate is not trusted (${code}); set NODE_EXTRA_CA_CERTS to the file of your certificate authority`;
    if (code.startsWith("ERR_SSL"))
        return `${url.host}: no TLS there (${code}); check the scheme and the port of the server's address`;
    // The text of a foreign error may quote headers or addresses with credentials: only its code is shown.
    return `${url.host}: the request failed (${code})`;
}
const explanations = {
    TIMEOUT: "no answer in time",
    ECONNREFUSED: "connection refused; is the server up, and the port right?",
    ENOTFOUND: "host not found; check the server's address",
    EAI_AGAIN: "the name could not be resolved just now",
    ECONNRESET: "the connection was closed before an answer came",
    UND_ERR_SOCKET: "the connection was closed before an answer came; check the scheme and the port if this goes on",
    HTTPParserError: "what answers there does not speak HTTP",
    CERT_HAS_EXPIRED: "its certificate has expired; it must be renewed on the server",
    CERT_NOT_YET_VALID: "its certificate is not valid yet; check the clocks on both sides",
    ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name; check the server's address",
    UND_ERR_HEADERS_OVERFLOW: "its headers are too large",
    UND_ERR_CONNECT_TIMEOUT: "no connection in time",
    PROXY_BUSY: "the proxy is busy",
    PROXY_DOWN: "the proxy cannot be reached",
    PROXY_UNKNOWN: "the proxy cannot be found",
    NOT_JSON: "the reply is not JSON",
    BAD_JSON: "the reply is broken JSON",
    CUT: "the connection was closed in the middle of the reply",
};

// EXTERNAL MODULE: ./lib/src/auth/google-file.js
var google_file = __nccwpck_require__(9233);
;// CONCATENATED MODULE: ./lib/src/auth/forms.js

const schemes = {
    "aws-signature": {
        needs: ["access-key", "secret-key"],
        takes: ["security-token"],
        byRegion: true,
        sends: () => "never sent: every request is signed with it (Signature Version 4)",
    },
    basic: {
        needs: ["username", "password"],
        takes: [],
        sends: () => "sent as `Authorization: Basic`",
    },
    "basic-pair": {
        needs: ["token"],
        takes: [],
        onlyByVariable: true,
        sends: () => "sent as `Authorization: Basic`: user name and password in one, with a colon between them",
    },
    "basic-token": {
        needs: ["username", "token"],
        takes: [],
        sends: () => "sent as `Authorization: Basic`, the token in place of a password",
    },
    bearer: {
        needs: ["token"],
        takes: [],
        sends: () => "sent as `Authorization: Bearer`",
    },
    "google-credentials": {
        needs: ["token"],
        takes: [],
        onlyByVariable: true,
        reads: google_file/* readGoogleFile */.E,
        sends: () => "a credential file of Google, for a service account, workload identity or a user: exchanged at `https://oauth2.googleapis.com` or " +
            "`https://sts.googleapis.com` for an access token, which is sent as `Authorization: Bearer`",
    },
    header: {
        needs: ["token"],
        takes: [],
        sends: ({ header, prefix = "" }) => `sent in the header \`${header ?? ""}\`${prefix && `, after \`${prefix.trim()}\``}`,
    },
    "huawei-password": {
        needs: ["username", "password", "domain"],
        takes: [],
        byRegion: true,
        exchanges: ["username", "password", "domain"],
        sends: ({ tokenServer }) => `exchanged for a project-scoped token at ${(tokenServer ?? []).map(({ url }) => `\`${url}\``).join(" or ")}`,
    },
    "huawei-signature": {
        needs: ["access-key", "secret-key"],
        takes: ["security-token"],
        sends: () => "never sent: every request is signed with it (SDK-HMAC-SHA256)",
    },
    "huawei-token": {
        needs: ["token"],
        takes: [],
        shortLived: true,
        sends: () => "sent in the header `x-auth-token`",
    },
    none: {
        needs: [],
        takes: [],
        sends: () => "none: a server that asks for no credential",
    },
    "password-token": {
        needs: ["username", "password"],
        takes: [],
        sends: ({ login }) => `exchanged at \`${login ?? ""}\` of the same server for a token, which is sent as \`Authorization: Bearer\``,
    },
    "session-cookie": {
        needs: ["username", "password"],
        takes: [],
        sends: ({ login }) => `sent as \`Authorization: Basic\`; a login at \`${login ?? ""}\` gives a session, whose cookie goes with every request`,
    },
    "token-as-password": {
        needs: ["token"],
        takes: [],
        sends: () => "sent as `Authorization: Basic`, in place of a password and without a user name",
    },
};

// EXTERNAL MODULE: ./lib/src/auth/scheme.js
var auth_scheme = __nccwpck_require__(1374);
;// CONCATENATED MODULE: ./lib/src/engine/lookup.js
/** The first of the variables that is set. */
function fromEnv(names, env) {
    return names?.map((name) => env[name]?.trim()).find(Boolean);
}
/** An input with its value, as the user of this host writes both. */
function lineFor(name, value, { spell }) {
    const spelled = spell(name);
    return spelled.startsWith("--") ? `${spelled} ${value}` : `\`${spelled}: ${value}\``;
}

;// CONCATENATED MODULE: ./lib/src/engine/server.js
/** Which server a run is on, and whether it may be talked to. */





/** The server of a run that is named by its ids. Throws `UsageError`. */
function placeOf(entry, server, region, lookup) {
    const { key, provider } = entry;
    const example = provider.server.region?.example ?? "";
    if (region === undefined && needsRegion(entry) && server === undefined)
        throw new usage_UsageError(`${lookup.spell("region")} is missing: provider ${key} needs it, for example ${example}`);
    const place = server ?? publicPlace(entry, region);
    if (place === undefined && region !== undefined && needsRegion(entry))
        throw new usage_UsageError(`${lookup.spell("region")}: "${(0,src_text/* oneLine */.TN)(region, 60)}" is not a region of ${provider.name}; one is ${example}`);
    if (place === undefined)
        throw new usage_UsageError(`${lookup.spell("server-url")} is missing: provider ${key} has no public server`);
    return inRegion(forTarget(place, entry), region, entry, lookup);
}
/** A place as it is for one target, which may have an API of its own there. */
function forTarget(place, { target }) {
    return target.api === undefined ? place : { ...place, api: apiOf(target.api, place.server) };
}
/** A table says which regions a vendor has. A server of one's own may have any other, spelled as the input is. Throws `UsageError`. */
function inRegion(place, region, { provider }, { spell }) {
    if (region === undefined)
        return place;
    if (matches(regionPattern, region))
        return { ...place, region };
    const { env = [], example = "" } = provider.server.region ?? {};
    const variables = env.length > 0 ? `, and so does ${(0,src_text/* oneOf */.yL)(env)} in the environment` : "";
    throw new usage_UsageError(`${spell("region")}: "${(0,src_text/* oneLine */.TN)(region, 60)}" is not a region; it takes a value such as ${example}${variables}`);
}
const { pattern: regionPattern } = interface_inputs.find(({ name }) => name === "region");
/** The server that `server-url`, the platform or a vendor tool's variable gives, in this order. */
function givenServer(key, provider, settings, lookup) {
    const http = `${lookup.spell("allow-http")} together with ${lookup.spell("server-url")}`;
    if (settings.serverUrl !== undefined)
        return placeAt(provider, checkServer(settings.serverUrl, lookup.spell("server-url"), settings.allowHttp, lookup.spell("allow-http")), "given");
    if (lookup.platform?.provider === key)
        return platformPlace(lookup.platform, provider, http);
    const { env = [], envIgnoredBy = "", serverIn = asItIs } = provider.server;
    if (lookup.env[envIgnoredBy]?.toLowerCase() === "true")
        return undefined;
    for (const variable of env) {
        const value = lookup.env[variable]?.trim();
        if (!value)
            continue;
        const server = serverIn(value);
        if (server === undefined)
            return undefined;
        return { ...placeAt(provider, checkServer(server, variable, false, http), "given"), variable };
    }
    return undefined;
}
const asItIs = (address) => address;
/** A page names its server itself: what this machine and its other tools are set up for need not be usable then. */
function knownServer(key, provider, settings, lookup) {
    try {
        return givenServer(key, provider, settings, lookup);
    }
    catch (error) {
        if (error instanceof usage_UsageError)
            return undefined;
        throw error;
    }
}
function platformPlace(platform, provider, http) {
    const place = placeAt(provider, checkServer(platform.server, "the server this step runs on", false, http), "platform");
    return platform.api === undefined ? place : { ...place, api: (0,src_text/* head */.d5)(platform.api).replace(/\/+$/, "") };
}
/**
 * What the environment says of the server that we run on is checked like `server-url`, and whether we go there or not: by it our
 * own run is known. Http is spoken of only where something would be sent. Throws `UsageError`.
 */
function checkPlatform({ platform, providers }) {
    const provider = platform && providers.get(platform.provider);
    if (!provider)
        return;
    const { server, api, variables = { server: "the server this step runs on", api: "its API" } } = platform;
    const home = placeAt(provider, checkWhole(server, variables.server), "platform");
    if (api === undefined)
        return;
    const { origin, pathname } = checkWhole(api, variables.api);
    const base = origin + (0,src_text/* head */.d5)(pathname).replace(/\/+$/, "");
    if (base !== home.api && !`${base}/`.startsWith(`${home.server}/`))
        throw new usage_UsageError(`${variables.api}: "${(0,src_text/* oneLine */.TN)(api, 120)}" is not accepted; it takes the API of ${variables.server}, ${home.api}`);
}
/** Nobody types it, so nothing is left out of it. */
function checkWhole(text, where) {
    if (/^https?:\/\//i.test((0,src_text/* head */.d5)(text)))
        return checkServer(text, where, true, "");
    throw new usage_UsageError(`${where}: "${(0,src_text/* oneLine */.TN)(text.replace(/^.*@/s, "***@"), 120)}" is not accepted; it takes an address such as https://ci.example.com`);
}
/** The platform we run on, if the run is one of its own. */
function homeOf({ key, place }, platform) {
    return platform?.provider === key && sameServer(platform.server, place.server) ? platform : undefined;
}
/** Two addresses without their API's path. */
const sameServer = (one, other) => {
    const [a, b] = [new URL(one), new URL(other)].map(({ origin, pathname }) => origin + (0,src_text/* head */.d5)(pathname).replace(/\/+$/, ""));
    return a === b;
};
/** The vendor's public server; undefined where there is none, or none in that region. */
function publicPlace({ provider, target }, region) {
    const server = publicUrl(target.server ?? provider.server.url, region);
    if (server === undefined)
        return undefined;
    const api = apiOf(target.api ?? provider.server.api, server);
    return { server, api, kind: "public", ...(region !== undefined && { region }) };
}
/** All of the vendor's public servers that a page can be on. */
function publicPlaces(entry, region) {
    const { server } = entry.provider;
    const first = publicPlace(entry, region);
    const more = (server.alsoPublic ?? []).map((url) => ({
        server: url,
        api: apiOf(server.api, url),
        kind: "public",
    }));
    return first ? [first, ...more] : more;
}
/** The address of a service; undefined where there is none, or none in that region. */
function publicUrl(url, region) {
    if (url === undefined || typeof url === "string")
        return url;
    if (region === undefined)
        return undefined;
    const here = url.find(({ regions }) => matches(regions, region));
    return here && fill(here.url, { region });
}
function needsRegion({ provider, target }) {
    return (typeof (target.server ?? provider.server.url) === "object" ||
        provider.auth.some(({ tokenServer }) => tokenServer !== undefined));
}
/** A server by an address that people paste: with or without a trailing slash, with or without the API path. */
function placeAt(provider, address, kind) {
    const path = (0,src_text/* head */.d5)(address.pathname).replace(/\/+$/, "");
    const whose = serverOfApi(provider.server, address);
    if (whose !== undefined)
        return { server: whose, api: apiOf(provider.server.api, whose), kind };
    const api = apiPaths(provider.server, address.host).find((known) => path.endsWith(known));
    if (api === undefined) {
        const server = address.origin + path;
        return { server, api: apiOf(provider.server.api, server), kind };
    }
    return { server: address.origin + path.slice(0, -api.length), api: address.origin + path, kind };
}
/** The server that an address of the API is on, if it is one of this provider's. */
function placeOfApi(provider, address) {
    const server = serverOfApi(provider.server, address) ?? address.origin;
    return { server, api: apiOf(provider.server.api, server), kind: "found" };
}
/** The API bases that are paths, by which a pasted address may end. */
function apiPaths({ api = "" }, host) {
    const bases = typeof api === "string"
        ? [api]
        : Object.entries(api).flatMap(([pattern, base]) => (isHost(pattern.split("/")[0], host) ? base : []));
    return bases.filter((base) => base.startsWith("/"));
}
function apiOf(api = "", server) {
    const { host } = new URL(server);
    const base = typeof api === "string" ? api : (Object.entries(api).find(([pattern]) => isHost(pattern, host))?.[1] ?? "");
    return base.startsWith("https:") ? base.replaceAll("{host}", host) : server + base;
}
/** The server whose API has a host of its own, by an address there: `https://api.acme.ghe.com/repos/…` is acme.ghe.com's. */
function serverOfApi({ api }, address) {
    for (const [pattern, base] of Object.entries(typeof api === "object" ? api : {})) {
        if (!base.startsWith("https:"))
            continue;
        const escaped = base.replace(/[\\^$.*+?()[\]|/]/g, "\\$&").replace("{host}", "(?<host>[^/?#]+)");
        const match = new RegExp(`^${escaped}(?:[/?#]|$)`).exec((0,src_text/* head */.d5)(address.href));
        const host = match?.groups?.["host"] ?? pattern;
        if (match && !host.startsWith("*") && isHost(pattern, host))
            return `https://${host}`;
    }
    return undefined;
}
/** Whether a host is meant by `*` (any), `*.example.com` (any name before it) or a host. */
function isHost(pattern, host) {
    return pattern.startsWith("*") ? host.endsWith(pattern.slice(1)) : host === pattern;
}
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
/** `ci.example.com:8080` has none. */
const hasScheme = (address) => /^[a-z][a-z0-9+.-]*:(?!\d)/i.test(address);
/** Parses and checks a server's address. `where` is the input as the host spells it. */
function checkServer(text, where, allowHttp, allowSpelling) {
    const wrong = (accepted) => new usage_UsageError(`${where}: "${(0,src_text/* oneLine */.TN)(text.replace(/^.*@/s, "***@"), 120)}" is not accepted; it takes ${accepted}`);
    let url;
    if (text.includes("\\"))
        throw wrong("an address without backslashes");
    try {
        url = new URL(hasScheme(text) ? text : `https://${text}`);
    }
    catch {
        throw wrong("an address such as https://ci.example.com");
    }
    if (url.username || url.password)
        throw wrong("an address without user name and password: give credentials in their own inputs");
    if (url.search || url.hash)
        throw wrong("an address without ? and #");
    if (url.protocol !== "https:" && url.protocol !== "http:")
        throw wrong("an https address");
    if (isMetadata(url.hostname))
        throw wrong("no link-local or metadata address");
    if (url.protocol === "http:" && !loopback.test(url.hostname) && !allowHttp)
        throw wrong(`https, because credentials would travel in the open; ${allowSpelling} allows http`);
    return url;
}

;// CONCATENATED MODULE: ./lib/src/engine/id-pairs.js
/**
 * How ids are written: `name: value` or `name=value`, one per line or separated by `;`. Elements of a list are separated by commas
 * or spaces. What stands in double quotes is one value, whatever is in it; `\"` and `\\` are a quote and a backslash there.
 */

const longestName = 60;
/** The pairs in a text, or what is wrong with it, as the end of a sentence. */
function readPairs(text) {
    const pieces = outsideQuotes(text, (character) => ";\r\n".includes(character));
    if (pieces === undefined)
        return "has a quote that is not closed";
    const pairs = [];
    for (const piece of pieces.map((one) => one.trim()).filter(Boolean)) {
        const end = [piece.indexOf(":"), piece.indexOf("=")].filter((at) => at >= 0);
        const name = piece.slice(0, Math.min(...end)).trim();
        if (end.length === 0 || !/^[a-z][a-z0-9_-]*$/i.test((0,src_text/* head */.d5)(name, longestName)))
            return "has a part without a name; each one is `name: value`";
        pairs.push({ name, value: piece.slice(Math.min(...end) + 1).trim() });
    }
    return pairs;
}
/** The elements of a list. */
function listOf(value) {
    const elements = outsideQuotes(value, (character) => character === "," || character.trim() === "") ?? value.split(/[\s,]+/);
    return elements.filter(Boolean).map(unquoted);
}
const pairsOfQuotes = ['""', "''", "``", "“”", "‘’", "„“", "«»", "<>"];
/** Without the quotes, or angle brackets, that came along when it was copied. */
function unquoted(value) {
    const text = (0,src_text/* head */.d5)(value).trim();
    const quotes = pairsOfQuotes.find((pair) => text.length > 1 && text.startsWith(pair[0]) && text.endsWith(pair[1]));
    if (quotes === undefined)
        return text;
    const inner = text.slice(1, -1);
    return quotes === '""' ? inner.replace(/\\(["\\])/g, "$1") : inner.trim();
}
/** Split at each separator that no double quotes enclose; undefined where a quote is not closed. */
function outsideQuotes(text, separates) {
    const pieces = [""];
    let [isQuoted, isEscaped] = [false, false];
    for (const character of text) {
        if (!isQuoted && separates(character)) {
            pieces.push("");
            continue;
        }
        pieces.push(pieces.pop() + character);
        if (character === '"' && !isEscaped)
            isQuoted = !isQuoted;
        isEscaped = isQuoted && character === "\\" && !isEscaped;
    }
    return isQuoted ? undefined : pieces;
}

;// CONCATENATED MODULE: ./lib/src/engine/glob.js
/**
 * A name with `*` for any text and, if given, `one` for any character. The pieces between stars are looked for from left to right, each once: no
 * name makes it run long.
 */
function globMatches(glob, name, one = "?") {
    const standsAt = (piece, points, at) => at + piece.length <= points.length && piece.every((c, offset) => c === one || c === points[at + offset]);
    const [first = [], ...pieces] = glob.split("*").map((piece) => [...piece]);
    const points = [...name];
    if (!standsAt(first, points, 0))
        return false;
    const last = pieces.pop();
    if (last === undefined)
        return points.length === first.length;
    let at = first.length;
    for (const piece of pieces) {
        while (!standsAt(piece, points, at))
            if (++at > points.length)
                return false;
        at += piece.length;
    }
    return at <= points.length - last.length && standsAt(last, points, points.length - last.length);
}

;// CONCATENATED MODULE: ./lib/src/engine/terms.js
/** What a selection asks of one property of a run: texts that are wanted, and texts that are excluded. */

/** Why a text is not a list of terms, as a clause that begins with "it". */
class NotTerms extends Error {
}
/** A name that git forbids in a ref, so no branch can begin with it. */
const exclusion = "^";
/** `*` stands for any text, and `^` in front excludes. `separator`: a comma, or white space. Throws `NotTerms`. */
function readTerms(text, separator) {
    const elements = text.split(separator === "," ? "," : /\s+/).map((element) => element.trim());
    if (elements.includes(""))
        throw new NotTerms("has an empty element");
    const excluded = elements
        .filter((element) => element.startsWith(exclusion))
        .map((element) => element.slice(exclusion.length).trim());
    if (excluded.includes(""))
        throw new NotTerms("has a ^ that excludes nothing; write what to exclude right after it");
    return { wanted: elements.filter((element) => !element.startsWith(exclusion)), excluded };
}
/** Whether a run is meant that bears these names, each of which is a spelling of one thing. */
function accepts({ wanted, excluded }, names, isSame = isLike) {
    const isAmong = (terms) => terms.some((term) => names.some((name) => isSame(term, name)));
    return !isAmong(excluded) && (wanted.length === 0 || isAmong(wanted));
}
/** Whether they accept everything, so that nothing need be known. */
const acceptsAll = ({ wanted, excluded }) => excluded.length === 0 && wanted.includes("*");
/** The one text that is wanted, where it stands for itself. */
function literal({ wanted }) {
    return wanted.length === 1 && isLiteral(wanted[0]) ? wanted[0] : undefined;
}
const isLiteral = (term) => !term.includes("*");
const isLike = (term, name) => globMatches(term, name, "");
/** Owners and names of repositories differ in no more than case. */
const isSameRepository = (term, name) => isLike(term.toLowerCase(), name.toLowerCase());
/** A commit may be given by its beginning, and a server may show no more than that either. */
function isSameCommit(term, commit) {
    return isLiteral(term) ? commit.startsWith(term) || term.startsWith(commit) : isLike(term, commit);
}

;// CONCATENATED MODULE: ./lib/src/engine/settings.js
/** The inputs, read and checked. */









/** States in which a run can be cancelled. */
const live = ["queued", "running", "blocked", "cancelling"];
const credentialNames = [
    "token",
    "username",
    "password",
    "access-key",
    "secret-key",
    "security-token",
    "domain",
];
/** Longest reason that is sent or shown, in characters; a provider's template may cut it shorter. */
const maxReasonLength = 1000;
/** Reads every input once. Throws `UsageError`. */
function readSettings(source, providers) {
    refuseStraySecrets(source, providers);
    const { text, yes } = readerOf(source);
    const provider = text("provider")?.toLowerCase();
    if (provider !== undefined && !providers.has(provider)) {
        const near = nearest(provider, [...providers.keys()]);
        const takes = `takes ${(0,src_text/* oneOf */.yL)([...providers.keys()])}${near === undefined ? "" : `; did you mean ${near}?`}`;
        throw bad(source, "provider", text("provider") ?? "", takes);
    }
    const ids = readIds(source, providers);
    const credentials = readCredentials(source);
    const selection = readSelection(source);
    const forceAfter = text("force-after");
    const when = text("when");
    return {
        addresses: readAddresses(source.input("url")),
        provider,
        serverUrl: text("server-url"),
        region: text("region"),
        ids,
        idFile: text("id-file"),
        credentials,
        reason: (0,src_text/* oneLine */.TN)(blot(text("reason") ?? source.defaultReason, Object.values(credentials)), maxReasonLength),
        wait: yes("wait"),
        timeout: milliseconds(source, "timeout", text("timeout") ?? (when === "now" ? "5m" : "1m")),
        forceAfter: forceAfter === undefined ? undefined : milliseconds(source, "force-after", forceAfter),
        dryRun: yes("dry-run"),
        self: yes("self"),
        allowHttp: yes("allow-http"),
        failOn: readFailOn(source),
        debug: yes("debug"),
        when,
        downstream: yes("downstream"),
        unlessJob: text("unless-job"),
        selection,
        maxRuns: Number(text("max-runs")),
    };
}
/** Addresses in a text, without what came along when they were copied. */
function readAddresses(text) {
    return text
        .split(/\s+/)
        .flatMap((part) => part.split(/,(?=https?:)/i))
        .map((address) => (0,src_text/* head */.d5)(unquoted(unquoted(address).replace(/[,;]$/, ""))))
        .filter(Boolean);
}
/** The ids by name, and those of `ids`. */
function readIds(source, providers) {
    const byName = nonEmpty(source, idNames(providers));
    const spelled = source.spell("ids");
    const pairs = readPairs(source.input("ids"));
    if (typeof pairs === "string")
        throw new usage_UsageError(`${spelled} ${pairs}`);
    const ids = { ...byName };
    const seen = new Set();
    for (const { name, value } of pairs) {
        if (seen.has(name))
            throw new usage_UsageError(`${spelled}: ${(0,src_text/* oneLine */.TN)(name, 60)} is given twice; the last id takes a list, separated by commas`);
        seen.add(name);
        if (interface_inputs.some((input) => input.name === name))
            throw new usage_UsageError(`${spelled}: ${name} is not an id; give it as ${source.spell(name)}`);
        if (value === "")
            continue;
        if (value.startsWith("//") && /^https?$/i.test(name))
            throw new usage_UsageError(`${spelled} takes ids by name, such as job-id: 4711, and this is an address`);
        const other = Object.hasOwn(byName, name) ? byName[name] : undefined;
        if (other !== undefined && listOf(other).join() !== listOf(value).join())
            throw new usage_UsageError(`${source.spell(name)} and ${name} in ${spelled} differ; give one of them`);
        ids[name] = value;
    }
    return ids;
}
function readFailOn(source) {
    const words = readerOf(source).list("fail-on", /[\s,]+/);
    const all = [...Object.keys(interface_outcomes), "nothing"];
    for (const word of words) {
        if (all.includes(word) || (word === "none" && words.length === 1))
            continue;
        const near = word === "none" ? undefined : nearest(word, all);
        const takes = `takes none, or outcomes separated by commas: ${(0,src_text/* oneOf */.yL)(all, "and")}`;
        throw bad(source, "fail-on", word, near === undefined ? takes : `${takes}; did you mean ${near}?`);
    }
    return words.filter((word) => word !== "none");
}
/** Undefined when no input selects. */
function readSelection(source) {
    const { text, yes, list } = readerOf(source);
    const states = list("status", ",").map((word) => {
        if (!live.includes(word))
            throw bad(source, "status", word, `takes ${(0,src_text/* oneOf */.yL)(live)}, by comma`);
        return word;
    });
    const olderThan = text("older-than");
    const selection = {
        branch: withoutPrefix(wantingTerms(source, "branch", text("branch"))),
        commit: commitTerms(source, text("commit")),
        workflow: termsOf(source, "workflow", text("workflow"), ","),
        event: termsOf(source, "event", text("event"), ","),
        headRepository: wantingTerms(source, "head-repository", text("head-repository")),
        states,
        pullRequest: text("pull-request"),
        olderThan: olderThan === undefined ? undefined : milliseconds(source, "older-than", olderThan, maxAge),
        olderThanThis: yes("older-than-this"),
        orphaned: yes("orphaned"),
        keepNewest: Number(text("keep-newest") ?? 0),
        withJob: text("with-job"),
        withFailedJob: text("with-failed-job"),
    };
    const selects = Object.values(selection).some((value) => (Array.isArray(value) ? value.length > 0 : Boolean(value)));
    if (!selects)
        return undefined;
    if (!selection.branch && !selection.commit && selection.pullRequest === undefined)
        throw ofNothing(source);
    return states.length > 0 ? selection : { ...selection, states: live };
}
/** What an expression leaves empty must not select everything: the runner hands on no difference between that and not given. */
function ofNothing(source) {
    const [branch, commit, pullRequest] = ["branch", "commit", "pull-request"].map((name) => source.spell(name));
    return new usage_UsageError(`a selection says which branch, commit or pull request it is about, but ${branch}, ${commit} and ${pullRequest} are all empty, as a pull request's branch is in a run of a push; ${lineFor("branch", '"*"', source)} selects from every branch of the repository`);
}
function termsOf(source, name, text, separator) {
    if (text === undefined)
        return undefined;
    try {
        return readTerms(text, separator);
    }
    catch (error) {
        if (!(error instanceof NotTerms))
            throw error;
        throw new usage_UsageError(`${source.spell(name)}: "${(0,src_text/* oneLine */.TN)(text, 120)}" ${error.message}`);
    }
}
/** By white space, of which something must be wanted: exclusions alone would mean whatever else there is. */
function wantingTerms(source, name, text) {
    const terms = termsOf(source, name, text, " ");
    if (terms?.wanted.length === 0)
        throw new usage_UsageError(`${source.spell(name)}: "${(0,src_text/* oneLine */.TN)(text, 120)}" only excludes; say first of what, "* ${(0,src_text/* oneLine */.TN)(text, 120)}" for all others`);
    return terms;
}
function withoutPrefix(terms) {
    const names = (refs) => refs.map((ref) => ref.replace(/^refs\/heads\//, ""));
    return terms && { wanted: names(terms.wanted), excluded: names(terms.excluded) };
}
function commitTerms(source, text) {
    const terms = termsOf(source, "commit", text, " ");
    for (const term of terms ? [...terms.wanted, ...terms.excluded] : [])
        if (!matches(isLiteral(term) ? /[0-9a-f]{7,64}/ : /[0-9a-f*]{1,64}/, term))
            throw bad(source, "commit", term, "takes a value such as 1f2e3d4c5b6a");
    return terms;
}
function readCredentials(source) {
    const credentials = nonEmpty(source, credentialNames);
    for (const [name, value] of Object.entries(credentials))
        checkSecret(value, source.spell(name), name !== "password" && name !== "username");
    return credentials;
}
function nonEmpty(source, names) {
    const values = {};
    for (const name of names) {
        const value = source.input(name).trim();
        if (value)
            values[name] = value;
    }
    return values;
}
/** Reads inputs by what they hold. */
function readerOf(source) {
    function text(name) {
        const input = interface_inputs.find((candidate) => candidate.name === name);
        const given = source.input(name).trim();
        const value = (isWord(input) ? unquoted(given) : given) || input.default || "";
        if (value && input.pattern && !matches(input.pattern, value))
            throw bad(source, name, value, `takes ${input.takes ?? (0,src_text/* oneOf */.yL)(input.pattern.source.split("|"))}`);
        return value || undefined;
    }
    function yes(name) {
        const value = text(name) ?? "";
        const word = value.toLowerCase();
        if (!Object.hasOwn(booleans, word))
            throw bad(source, name, value, "takes true or false");
        return booleans[word];
    }
    function list(name, separator) {
        const items = (text(name) ?? "").split(separator).map((item) => item.trim());
        return items.filter(Boolean);
    }
    return { text, yes, list };
}
/** YAML's words for it, old and new. */
const booleans = {
    true: true,
    yes: true,
    on: true,
    false: false,
    no: false,
    off: false,
};
/** A value that has no quotes of its own: those around it came along. */
const isWord = ({ name, type, pattern }) => type === "boolean" || type === "duration" || pattern !== undefined || name === "provider" || name === "server-url";
/** Names of all ids, in the order of the registry. */
function idNames(providers) {
    return [
        ...new Set([...providers.values()].flatMap((provider) => Object.values(provider.targets).flatMap((target) => Object.keys(target.ids)))),
    ];
}
function blot(text, secrets) {
    const redactor = new redact/* Redactor */.p();
    secrets.forEach((secret) => {
        redactor.add(secret);
    });
    return redact/* secrets */.O.redact(redactor.redact(text));
}
/** A secret where it does not belong would be quoted by the messages about that input, or sent in an address. */
function refuseStraySecrets(source, providers) {
    const all = [...interface_inputs.map(({ name }) => name), ...idNames(providers)];
    // In a reason it is only blotted out: people paste much into it, and the cancel must not fail for that.
    const open = all.filter((name) => !isSecret(name) && name !== "reason");
    for (const { name: secretName } of interface_inputs.filter(({ name }) => isSecret(name))) {
        const secret = source.input(secretName).trim();
        if (secret.length < 8)
            continue;
        const stray = open.find((name) => [secret, encodeURIComponent(secret)].some((spelling) => source.input(name).includes(spelling)));
        if (stray !== undefined) {
            const [here, there] = [source.spell(stray), source.spell(secretName)];
            throw new usage_UsageError(`${here} contains the value of ${there}; a secret belongs nowhere else`);
        }
    }
}
/** A value that travels in a header: no line break or other control character, whose error elsewhere would quote it. */
function checkSecret(value, where, inHeader = true) {
    if (/[\r\n]/.test(value))
        throw new usage_UsageError(`${where} contains a line break; give the bare value`);
    if (inHeader && /^(?:bearer|basic|token) /i.test(value))
        throw new usage_UsageError(`${where} begins with the name of a scheme, such as Bearer; give the bare value`);
    if (inHeader && unquoted(value) !== value)
        throw new usage_UsageError(`${where} is in quotes; give the bare value`);
    if (inHeader && /[^\x20-\x7e]/.test(value))
        throw new usage_UsageError(`${where} contains a character that no credential has; was it pasted whole?`);
    return value;
}
/** `value` is quoted: never pass a secret. */
function bad(source, name, value, accepted) {
    return new usage_UsageError(`${source.spell(name)}: "${(0,src_text/* oneLine */.TN)(value, 120)}" is not accepted; it ${accepted}`);
}
const units = { s: 1000, m: 60_000, h: 3_600_000 };
const maxDuration = 24 * units.h;
/** Of a run. */
const maxAge = 10_000 * units.h;
function milliseconds(source, name, value, max = maxDuration) {
    const match = /^(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/.exec(value);
    const total = match
        ? Number(match[1] ?? 0) * units.h + Number(match[2] ?? 0) * units.m + Number(match[3] ?? 0) * units.s
        : 0;
    if (!match || total <= 0 || total > max)
        throw bad(source, name, value, `takes a duration such as 90s, 5m or 1h, at most ${max / units.h}h`);
    return total;
}

;// CONCATENATED MODULE: ./lib/src/engine/credentials.js
/** Who gets a credential. A wrong answer here sends a secret to a stranger, so every rule fails closed, before anything is sent. */








/** A vendor's server, as far as credentials are concerned: its public services in one region are one. */
function serverKey(run) {
    return `${run.key} ${run.place.kind === "public" ? (run.place.region ?? run.place.server) : run.place.server}`;
}
/** The credential for each server of the runs, by `serverKey`. Throws `UsageError`. */
function grant(runs, settings, lookup) {
    const servers = new Map(runs.map((run) => [serverKey(run), run]));
    const inputs = Object.keys(settings.credentials);
    const [name] = inputs;
    if (name !== undefined && servers.size > 1) {
        throw new usage_UsageError(`${lookup.spell(name)} is for one server, but the addresses are on several (${(0,src_text/* oneOf */.yL)([...servers.values()].map((run) => host(run)), "and")}); use one step per server`);
    }
    const stray = [...servers.values()].find((run) => settings.serverUrl !== undefined && run.place.kind !== "given");
    if (name !== undefined && stray)
        throw new usage_UsageError(`${lookup.spell("url")}: ${host(stray)} is not the server of ${lookup.spell("server-url")}, and ${lookup.spell(name)} goes only there`);
    return new Map([...servers].map(([key, run]) => {
        const granted = name === undefined ? fromEnvironment(run, settings, lookup) : fromInputs(run, settings, inputs, lookup);
        if (schemes[granted.auth.scheme].byRegion && run.place.region === undefined)
            throw new usage_UsageError(`${lookup.spell("region")} is missing: the credential of provider ${run.key} needs it`);
        const tokenServer = tokenServerOf(run, granted.auth, settings, lookup);
        const limits = limitsOf(granted, lookup);
        return [key, { ...granted, ...(tokenServer !== undefined && { tokenServer }), ...(limits && { limits }) }];
    }));
}
/** What is to be hidden wherever it stands. */
function secretsOf({ credentials, secrets }) {
    if (secrets !== undefined)
        return secrets;
    return Object.entries(credentials).flatMap(([name, value]) => name === "username" || name === "domain" ? [] : [value]);
}
function limitsOf({ credentials }, { platform, spell }) {
    const token = credentials.token;
    const isOwn = token !== undefined && token === platform?.token?.trim();
    if (!isOwn && (token === undefined || token !== platform?.limits?.of.trim()))
        return undefined;
    return (run, kind) => {
        const elsewhere = Object.entries(platform.ids).find(([name, id]) => run.ids[name] !== undefined && run.ids[name].toLowerCase() !== id.toLowerCase());
        if (isOwn && elsewhere)
            return `the job's own token reaches only its own ${elsewhere[0]}, ${elsewhere[1]}: for another one give ${spell("token")}`;
        return kind === "denied" ? platform.limits?.why() : undefined;
    };
}
/**
 * Where the credential is exchanged, or explained. A server of one's own says nothing of its token service, and the public one is
 * no place for the password of another cloud.
 */
function tokenServerOf(run, auth, { allowHttp }, { env, spell }) {
    const { tokenServer, tokenServerEnv = [], scheme } = auth;
    if (tokenServer === undefined)
        return undefined;
    const variable = tokenServerEnv.find((name) => env[name]?.trim());
    if (variable !== undefined) {
        const http = `${spell("allow-http")} allows http`;
        const { origin, pathname } = checkServer(env[variable].trim(), variable, allowHttp, http);
        // Some tools write the version into it.
        return origin + (0,src_text/* head */.d5)(pathname).replace(/\/+$/, "").replace(/\/v3$/, "");
    }
    if (run.place.kind === "public")
        return publicUrl(tokenServer, run.place.region);
    if (schemes[scheme].exchanges)
        throw new usage_UsageError(`${tokenServerEnv[0] ?? ""} is not set in the environment: with ${spell("server-url")} it has to say where ${(0,src_text/* oneOf */.yL)(schemes[scheme].exchanges.map(spell), "and")} may go`);
    return undefined;
}
function fromInputs(run, settings, inputs, lookup) {
    const { credentials } = settings;
    const names = (0,src_text/* oneOf */.yL)(inputs.map((one) => lookup.spell(one)), "and");
    if (run.place.kind === "found")
        throw mayNotGo(names, run, settings, lookup);
    const fitting = run.provider.auth.find((auth) => {
        const { needs, takes, onlyByVariable } = schemes[auth.scheme];
        return (!onlyByVariable &&
            credentials_isLike(auth, credentials.token) &&
            needs.every((need) => inputs.includes(need)) &&
            inputs.every((one) => needs.includes(one) || takes.includes(one)));
    });
    if (fitting)
        return { auth: fitting, credentials };
    const incomplete = run.provider.auth.some(({ scheme }) => {
        const { needs, takes } = schemes[scheme];
        return inputs.every((one) => needs.includes(one) || takes.includes(one));
    });
    const are = inputs.length === 1 ? "is" : "are";
    const wrong = incomplete
        ? `${names} alone ${are} not enough for provider ${run.key}`
        : `${names} ${are} not what provider ${run.key} takes`;
    throw new usage_UsageError(`${wrong}; it takes ${credentials_forms(run, lookup)}`);
}
function fromEnvironment(run, settings, lookup) {
    const { platform, env } = lookup;
    const onPlatform = platform?.provider === run.key && run.place.server === platform.server;
    for (const auth of run.provider.auth) {
        // A server that only an address names is not asked to change anything, and a vendor's own wants to know who asks.
        if (auth.scheme === "none" && run.place.kind !== "given")
            continue;
        const variables = variablesFor(auth, run, env, onPlatform ? undefined : platform?.token);
        if (!variables)
            continue;
        const names = [...variables.values()].filter(({ namesHost }) => !namesHost).map(({ name }) => name);
        if (run.place.kind === "found" && names.length > 0)
            throw mayNotGo(`${(0,src_text/* oneOf */.yL)(names, "and")} from the environment`, run, settings, lookup);
        const read = [...variables].map(([input, one]) => [input, credentialIn(one, auth, lookup)]);
        const secrets = read.flatMap(([, one]) => one.secrets ?? []);
        return {
            auth,
            credentials: Object.fromEntries(read.map(([input, { credential }]) => [input, credential])),
            ...(secrets.length > 0 && { secrets }),
        };
    }
    const own = run.provider.auth.find(({ scheme }) => schemes[scheme].needs.join() === "token");
    if (onPlatform && platform.token !== undefined && own)
        return { auth: own, credentials: { token: checkSecret(platform.token.trim(), "the job's own token") } };
    const others = withheld(run, env);
    const but = others.length > 0 ? ` (${(0,src_text/* oneOf */.yL)(others, "and")} in the environment may not go there)` : "";
    const unknown = run.place.kind === "found" ? `, and, ${remedy(run, lookup)}` : "";
    throw new usage_UsageError(`no credential for ${host(run)}${but}: give ${credentials_forms(run, lookup)}${unknown}`);
}
/** Whether a token is of the kind that travels this way. */
const credentials_isLike = ({ tokens }, token = "") => tokens === undefined || matches(tokens.like, token);
/** What a variable holds, or the file that it names. */
function credentialIn({ name, hasScheme, isFile }, { scheme }, { env, read }) {
    const value = env[name].trim();
    if (!isFile)
        return { credential: checkSecret(hasScheme ? value.replace(/^bearer +/i, "") : value, name) };
    const where = `${name} in the environment names ${(0,src_text/* oneLine */.TN)(value, 120)}`;
    const text = read?.(value);
    if (text === undefined)
        throw new usage_UsageError(`${where}, which is not there; an action that has written it deletes it in its own post step, which comes first where that action stands after this one`);
    const { reads } = schemes[scheme];
    if (!reads)
        return { credential: checkSecret(text.trim(), `the file of ${name}`) };
    try {
        return reads(text, { env, read: (path) => read?.(path) });
    }
    catch (error) {
        if (!(error instanceof auth_scheme/* Unusable */.kO))
            throw error;
        throw new usage_UsageError(`${where}, ${error.message}`);
    }
}
/**
 * The variables that hold a credential of this form; undefined unless it is whole.
 * `own` is the job's own token, which counts as none: runners and people put it into variables of other vendors' tools, too.
 */
function variablesFor(auth, run, env, own) {
    const { needs, takes } = schemes[auth.scheme];
    const variables = new Map();
    for (const name of [...needs, ...takes]) {
        const set = (auth.env[name] ?? []).flatMap((variable) => held(variable, run, env) ?? []);
        const others = set.filter((one) => env[one.name].trim() !== own?.trim());
        const first = others.find((one) => name !== "token" || credentials_isLike(auth, env[one.name].trim()));
        if (first !== undefined)
            variables.set(name, first);
    }
    return needs.every((need) => variables.has(need)) ? variables : undefined;
}
/** The variable, if it is set and the vendor's own tools would send it to the run's server. */
function held(variable, run, env) {
    if (typeof variable === "string")
        return env[variable]?.trim() ? { name: variable, namesHost: false } : undefined;
    if ("file" in variable)
        return env[variable.file]?.trim() ? { name: variable.file, namesHost: false, isFile: true } : undefined;
    const { host: whole } = new URL(run.place.server);
    if ("prefix" in variable) {
        const name = Object.keys(env).findLast((one) => one.startsWith(variable.prefix) &&
            env[one]?.trim() &&
            variable.host(one.slice(variable.prefix.length)) === whole);
        return name === undefined ? undefined : { name, namesHost: true };
    }
    const { name, hasScheme } = variable;
    if (!env[name]?.trim() || !mayHave(variable, run, env))
        return undefined;
    return { name, namesHost: false, ...(hasScheme && { hasScheme }) };
}
function mayHave(variable, { place, provider }, env) {
    const { hosts = ["*"], otherThan = [], servers } = variable;
    const { host: here } = new URL(place.server);
    if (!hosts.some((one) => isHost(one, here)) || otherThan.some((one) => isHost(one, here)))
        return false;
    if (servers === undefined)
        return true;
    const whose = servers.map((name) => env[name]?.trim()).find(Boolean);
    if (whose !== undefined) {
        const { serverIn } = provider.server;
        const server = serverIn ? serverIn(whose) : whose;
        return server === undefined ? place.kind === "public" : hostOf(server) === here;
    }
    return place.variable === undefined;
}
function hostOf(server) {
    const whole = server.includes("://") ? server : `https://${server}`;
    return URL.canParse(whole) ? new URL(whole).host : undefined;
}
/** Variables that are set and are for other servers. */
function withheld(run, env) {
    const limited = run.provider.auth.flatMap((auth) => Object.values(auth.env).flat());
    return limited.flatMap((variable) => typeof variable === "object" && "name" in variable && env[variable.name]?.trim() && !held(variable, run, env)
        ? [variable.name]
        : []);
}
/** The server merely stands in an address, and addresses come from artifacts, outputs and pull requests. */
function mayNotGo(names, run, { serverUrl }, lookup) {
    const input = lookup.spell("server-url");
    const why = serverUrl === undefined
        ? `; ${remedy(run, lookup)}`
        : `, which is not the server of ${input}; use one step per server`;
    return new usage_UsageError(`${lookup.spell("url")}: ${names} may not go to ${host(run)}${why}`);
}
const remedy = ({ place }, lookup) => `if that is your server, add ${lineFor("server-url", place.server, lookup)}`;
/** As people call it: the vendor's name, where it has but one public server. */
function host({ place, provider }) {
    const isOnly = place.kind === "public" && provider.server.alsoPublic === undefined;
    return isOnly ? provider.name : new URL(place.server).host;
}
function withoutCredential({ place }, { spell }) {
    if (place.kind === "public")
        return [];
    return [place.kind === "given" ? "none" : `${spell("server-url")} alone, where the server asks for none`];
}
/** A form that only a variable has is told of where it is a file. */
function fileOf({ env }) {
    const [named] = Object.values(env).flatMap((all) => all.flatMap((one) => (typeof one === "object" && "file" in one ? one.file : [])));
    return named === undefined ? [] : [`a credential file named by ${named} in the environment`];
}
/** The accepted credentials, as the user of this host gives them. */
function credentials_forms(run, lookup) {
    return (0,src_text/* oneOf */.yL)(run.provider.auth.flatMap((auth) => {
        const { needs, takes } = schemes[auth.scheme];
        if (auth.scheme === "none")
            return withoutCredential(run, lookup);
        if (schemes[auth.scheme].onlyByVariable)
            return fileOf(auth);
        const names = [
            ...needs.map((need) => lookup.spell(need)),
            ...takes.map((take) => `[${lookup.spell(take)}]`),
        ].join(" + ");
        const variables = needs.flatMap((need) => (auth.env[need] ?? []).flatMap((one) => {
            if (typeof one === "string")
                return [one];
            if ("file" in one)
                return [one.file];
            return "name" in one && mayHave(one, run, lookup.env) ? [one.name] : [];
        })[0] ?? []);
        return variables.length === needs.length ? `${names} (or ${(0,src_text/* oneOf */.yL)(variables, "and")} in the environment)` : names;
    }));
}

;// CONCATENATED MODULE: ./lib/src/engine/guard.js

/** What the step does in this phase of its job; `when` as the input says it. */
function due(when, job) {
    if (when === "now")
        return job?.again ? "skip" : "act";
    if (job === undefined)
        return "cannot tell";
    if (job.phase === "before")
        return "arm";
    if (job.contradiction !== undefined)
        return when === "unsuccessful" ? "act" : "cannot tell";
    if (when === "unsuccessful" && job.onlyUnsuccessful && job.status === "unknown")
        return "act";
    if (job.status === "unknown")
        return "cannot tell";
    if (when === "unsuccessful")
        return job.status === "success" ? "skip" : "act";
    return job.status === when ? "act" : "skip";
}
/** What is said of an end of the job that contradicts itself; undefined where it does not. */
function contradiction(when, decision, host) {
    const found = host.job?.contradiction;
    if (found === undefined || when === "now")
        return undefined;
    if (decision === "act")
        return `${found.why}. It counts as not successful, so this guard acts`;
    const way = `${host.spell("when")}: unsuccessful`;
    return `${found.why}. It is unclear whether the job ended ${when}, so this guard does nothing; give it ${found.give}, or ${way}`;
}
/** Why it is unclear whether the guard is due. */
function cannotTell(when, host) {
    const input = host.spell("when");
    if (host.job === undefined)
        return new usage_UsageError(`${input}: this host cannot tell when a job ends, so only now works here`);
    const instead = host.job.onlyUnsuccessful ? "; use unsuccessful" : "";
    return new usage_UsageError(`${input}: this host cannot tell "${when}" from other endings of a job${instead}`);
}
/** Keeps the inputs for the end of the job, if it ends as `when` says, where that is already known to be right. */
function arm(host, when) {
    host.arm();
    host.log(`armed: acts at the end of this job${when === undefined ? "" : `, if it ends ${when}`}`);
    return 0;
}
/** The step that gives the id comes after the guard: at the end of the job an id still missing is a deploy that never started. */
function withoutId(error, decision, host) {
    if (decision === "arm")
        return arm(host);
    const why = error instanceof NotStarted ? error.message : `${error.input} is empty`;
    host.log(`nothing to cancel: ${why}, so what this job guards has not started`);
    return 0;
}

;// CONCATENATED MODULE: ./lib/src/engine/id-file.js






/** The settings with what the file says. Throws `NotStarted` where it says nothing, and `UsageError`. */
function withIdFile(settings, path, host, providers) {
    const input = host.spell("id-file");
    const text = host.read(path)?.trim() ?? "";
    if (text === "")
        throw new NotStarted(input, `${(0,src_text/* oneLine */.TN)(path, 200)} (${input}) is missing or empty`);
    const pages = readAddresses(text);
    // A page says more than the ids beside it.
    if (pages.every((page) => /^https?:\/\//i.test(page)))
        return { ...settings, addresses: pages, ids: {} };
    const pairs = readPairs(text);
    const known = idNames(providers);
    // An id may hold these signs, too: it is a pair only by a name that is one.
    if (typeof pairs !== "string" && pairs.every(({ name }) => known.includes(name)))
        return {
            ...settings,
            ids: { ...settings.ids, ...Object.fromEntries(pairs.map(({ name, value }) => [name, value])) },
        };
    const [name, ...others] = lastIds(settings, providers, listOf(text)[0] ?? "");
    if (name === undefined)
        throw new usage_UsageError(`${input}: "${(0,src_text/* oneLine */.TN)(text, 120)}" in ${(0,src_text/* oneLine */.TN)(path, 200)} is no page, and which id it is cannot be told; give ${host.spell("provider")} and the other ids, or write \`name: value\` into the file`);
    if (others.length > 0)
        throw new usage_UsageError(`${input}: ${ambiguous([name, ...others], `"${(0,src_text/* oneLine */.TN)(text, 120)}" in ${(0,src_text/* oneLine */.TN)(path, 200)}`)}`);
    return { ...settings, ids: { ...settings.ids, [name]: text } };
}
/** What is wrong with the inputs whatever the file says; else what is to be said of it while the step is armed. */
function checkIdFile(settings, path, host, providers) {
    const input = host.spell("id-file");
    const other = settings.addresses.length > 0 ? host.spell("url") : settings.selection && "a selection";
    if (other !== undefined)
        throw new usage_UsageError(`${input} cannot be combined with ${other}: both say which run is meant`);
    const names = settings.provider === undefined ? [] : lastIds(settings, providers);
    if (settings.provider !== undefined && names.length === 0)
        throw new usage_UsageError(`${input}: the ids that are given leave none for the file; leave out what the file is to hold`);
    return names.length > 1 ? ambiguous(names, `a bare id in ${(0,src_text/* oneLine */.TN)(path, 200)}`) : undefined;
}
const ambiguous = (names, what) => `${what} could be ${(0,src_text/* oneOf */.yL)(names)}; write the page of the run into the file, or \`${names[0]}: …\``;
/** The ids that are missing as the last one, where the value may be one, for the ids that are given. */
function lastIds({ provider = "", ids }, providers, value) {
    const known = providers.get(provider);
    const given = Object.keys(ids);
    const entries = known ? [...catalog_entriesOf(provider, known).values()] : [];
    const names = entries
        .filter(({ idNames: names, listId }) => !given.includes(listId) && given.every((name) => names.includes(name)))
        .filter(({ target, listId }) => value === undefined || matches(target.ids[listId].pattern, (0,src_text/* head */.d5)(value)))
        .map(({ listId }) => listId);
    return [...new Set(names)];
}

;// CONCATENATED MODULE: ./lib/src/engine/identify.js
/** Which provider's a server may be, where its pages do not tell: some systems have taken over another one's. */



/** The server itself must be asked. Nobody gave it a credential yet, and it gets none with this question. */
class Unidentified extends usage_UsageError {
    server;
    /** Providers that it may be of. */
    keys;
    constructor(message, server, keys) {
        super(message);
        this.server = server;
        this.keys = keys;
    }
}
/** Of these providers the one that `what` is of. Throws `Unidentified` when the server is to be asked, else `UsageError`. */
function oneOfProviders(keys, server, what, lookup) {
    const { providers, identified, spell } = lookup;
    const known = identified?.get(server);
    if (known !== undefined && keys.includes(known))
        return known;
    const message = `${what} of ${(0,src_text/* oneOf */.yL)(keys)}; say which in ${spell("provider")}`;
    const canTell = keys.some((key) => providers.get(key)?.server.version !== undefined);
    throw canTell ? new Unidentified(message, server, keys) : new usage_UsageError(message);
}
/**
 * The providers that `provider` may mean. On the server that we run on, and on one that is given by its API's path, a
 * system that runs the steps of another one is meant by that one's name, too.
 */
function meantBy(key, settings, lookup) {
    const { platform, providers } = lookup;
    const answering = [...providers].filter(([, { answersTo }]) => answersTo === key);
    const address = serverOf(settings);
    const here = answering.find(([name]) => name === platform?.provider);
    if (here && platform) {
        const [name, provider] = here;
        if (!address || sameServer(placeAt(provider, address, "given").server, platform.server))
            return [name];
    }
    const path = (0,src_text/* head */.d5)(address?.pathname ?? "").replace(/\/+$/, "");
    const byPath = answering.filter(([, { server }]) => typeof server.api === "string" && path.endsWith(server.api));
    return byPath.length > 0 ? byPath.map(([name]) => name) : [key];
}
/** An address that is not accepted is told so later. */
function serverOf(settings) {
    const { serverUrl = "" } = settings;
    const whole = hasScheme(serverUrl) ? serverUrl : `https://${serverUrl}`;
    return URL.canParse(whole) ? new URL(whole) : undefined;
}

;// CONCATENATED MODULE: ./lib/src/engine/run.js




/** The one attempt that was asked for, if any. */
const pinnedAttempt = ({ ids, target }) => ids[target.look.pinnedBy ?? ""];
/** The same for two names of one run: an id that is unique on its server is enough, with the attempt that is asked for. */
function runKey(run) {
    const { key, targetName, ids, place, uniqueId } = run;
    const own = uniqueId === undefined ? Object.values(ids) : [ids[uniqueId], pinnedAttempt(run) ?? ""];
    return [key, targetName, place.api, ...own].join(" ");
}
/** Whether this step is part of the run, under whatever name: a project has several, an id that is unique at the provider does not. */
function isSelf(run, platform) {
    const { key, place, provider } = run;
    if (platform?.provider !== key)
        return false;
    const isHere = sameServer(platform.server, place.server);
    // The vendor's public server is known by its one name.
    if (!isHere && place.kind === "public")
        return false;
    const ids = Object.values(provider.targets).flatMap((target) => Object.entries(target.ids));
    const unique = new Set(ids.flatMap(([name, id]) => (id.unique ? [name] : [])));
    const isOurs = platform.self.some((own) => {
        const names = Object.keys(own);
        const decisive = names.filter((name) => unique.has(name));
        return (decisive.length > 0 ? decisive : names).every((name) => run.ids[name]?.toLowerCase() === own[name].toLowerCase());
    });
    return isOurs && !isHere ? "maybe" : isOurs;
}
/** Another run of the same provider, at the same place. */
function sibling(run, targetName, ids) {
    const entry = catalog_entriesOf(run.key, run.provider).get(targetName);
    return { ...entry, ids: inOrder(entry, ids), place: forTarget(run.place, entry) };
}
/** The ids in the order of the target. */
const inOrder = ({ idNames }, ids) => Object.fromEntries(idNames.flatMap((name) => (ids[name] === undefined ? [] : [[name, ids[name]]])));
/** The id that a list gives. */
const lastId = ({ ids, listId }) => ids[listId];
/** The address of a run's page. */
function pageOf(template, server, values) {
    const relative = template.startsWith("{server}") ? template.slice("{server}".length) : template;
    return isWholeAddress(template) ? fill(template, values) : server + fill(relative, values);
}
/** The run's page by the provider's template, or the address it was given by. */
function ownPage(run, learned) {
    const [first] = run.pages;
    if (first === undefined)
        return run.address;
    const noAddress = Object.entries(run.target.ids).some(([name, id]) => id.notInAddress?.test((0,src_text/* head */.d5)(run.ids[name] ?? "")));
    if (noAddress)
        return run.address;
    try {
        return pageOf(first, run.place.server, { ...run.ids, ...learned, region: run.place.region ?? "" });
    }
    catch (error) {
        if (error instanceof MissingValue)
            return run.address;
        throw error;
    }
}

;// CONCATENATED MODULE: ./lib/src/engine/address.js








/** The runs whose pages are given. Throws `UsageError`. */
function byAddress(settings, lookup) {
    const [surplus] = Object.keys(settings.ids);
    if (surplus !== undefined)
        throw new usage_UsageError(`${lookup.spell(surplus)} cannot be combined with ${lookup.spell("url")}: an address already has the ids`);
    return settings.addresses.map((text) => runAt(text, settings, lookup));
}
function runAt(text, settings, lookup) {
    const address = addressIn(text, lookup);
    const found = address ? matchesFor(address, settings, lookup) : [];
    const mistake = address && mistaken(address, found, settings, lookup);
    if (mistake !== undefined)
        throw new usage_UsageError(`${lookup.spell("url")}: "${(0,src_text/* oneLine */.TN)(text, 200)}" is ${mistake}`);
    const matches = ofOneProvider(found, text, lookup);
    const [first] = matches;
    if (!first)
        throw new usage_UsageError(`${lookup.spell("url")}: "${(0,src_text/* oneLine */.TN)(text.replace(/^.*@/s, "***@"), 200)}" is not a page address we recognize; it takes ${examples(settings.provider, text, lookup)}`);
    // Of several pages of one provider the one that gives the most ids is meant.
    const chosen = matches.reduce((a, b) => (Object.keys(b.ids).length > Object.keys(a.ids).length ? b : a));
    const { entry, ids, place, isPage } = chosen;
    return {
        ...entry,
        ids: inOrder(entry, ids),
        place: forTarget(place, entry),
        ...(isPage && address && { address: address.href }),
    };
}
/** What a text means as an address: without a scheme https is meant. */
function addressIn(text, { spell }) {
    const bare = /^(?:[a-z0-9-]+\.)+[a-z0-9-]+(?::\d+)?\//i.test((0,src_text/* head */.d5)(text));
    const scheme = /^[a-z][a-z0-9+.-]*:?\/\/|^:?\/\//i.exec((0,src_text/* head */.d5)(text))?.[0];
    if (scheme !== undefined && !/^https?:\/\/$/i.test(scheme))
        throw new usage_UsageError(`${spell("url")}: "${(0,src_text/* oneLine */.TN)(text.replace(/^.*@/s, "***@"), 200)}" begins with "${scheme}"; an address begins with https://`);
    const whole = bare ? `https://${text}` : text;
    if (!URL.canParse(whole))
        return undefined;
    const address = new URL(whole);
    if (!/^https?:$/.test(address.protocol))
        return undefined;
    if (address.username || address.password)
        throw new usage_UsageError(`${spell("url")}: an address with a user name or password is not accepted; give credentials in their own inputs`);
    return address;
}
/** What a page is that people, or our templates, take for a run's, if it is one of those that the vendors' files tell. */
function mistaken(address, matches, settings, lookup) {
    for (const [key, { mistakenPages = {}, server, targets }] of lookup.providers) {
        if (settings.provider !== undefined && settings.provider !== key)
            continue;
        if (matches.length > 0 && !matches.some(({ entry }) => entry.key === key))
            continue;
        const ids = Object.assign({}, ...Object.values(targets).map((target) => target.ids));
        const known = typeof server.url === "string" && server.url === address.origin;
        const own = server.selfHosted ?? known;
        const found = Object.entries(mistakenPages).find(([template]) => own && readPage(template, address, ids));
        if (found)
            return found[1];
    }
    return undefined;
}
/** Throws `Unidentified` where the address could be a page of several. */
function ofOneProvider(matches, text, lookup) {
    const keys = [...new Set(matches.map(({ entry }) => entry.key))];
    const [first] = matches;
    if (!first || keys.length === 1)
        return matches;
    // A server that only the address names is not asked anything: it takes the input `server-url` to go there.
    const plain = first.place.kind === "found" ? keys.filter((key) => !lookup.providers.get(key)?.answersTo) : keys;
    const what = `${lookup.spell("url")}: "${(0,src_text/* oneLine */.TN)(text, 200)}" could be a page`;
    if (plain.length === 0)
        throw new usage_UsageError(`${what} of ${(0,src_text/* oneOf */.yL)(keys)}; say which in ${lookup.spell("provider")}`);
    const one = plain.length === 1 ? plain[0] : oneOfProviders(plain, first.place.server, what, lookup);
    return matches.filter(({ entry }) => entry.key === one);
}
/** The surest first; the first that finds a run decides. */
const resolvers = [onVendorsHost, onKnownServer, byShapeOfPath];
function matchesFor(address, settings, lookup) {
    const pages = pagesOf(settings, lookup);
    for (const resolver of resolvers) {
        const all = pages.flatMap((page) => {
            const found = resolver(page, address, settings, lookup);
            return found ? [{ entry: page.entry, isPage: !page.isApi, isBare: isBare(page.template), ...found }] : [];
        });
        const plain = all.filter((match) => !match.isBare);
        const matches = plain.length > 0 ? plain : all;
        // Where an address of the API has the form of a page, too, it is none: /api/v4/projects/12/pipelines/5 is no project's page.
        const ofApi = matches.filter(({ isPage }) => !isPage);
        if (matches.length > 0)
            return ofApi.length > 0 ? ofApi : matches;
    }
    return [];
}
function pagesOf(settings, lookup) {
    const { provider: named } = settings;
    const meant = named === undefined ? undefined : [named, ...meantBy(named, settings, lookup)];
    return [...lookup.providers]
        .filter(([key]) => meant === undefined || meant.includes(key))
        .flatMap(([key, provider]) => {
        const serverOf = settings.serverUrl === undefined ? knownServer : givenServer;
        const known = serverOf(key, provider, settings, lookup);
        return [...catalog_entriesOf(key, provider).values()].flatMap((entry) => [
            ...entry.pages.map((template) => ({ entry, template, known, isApi: false })),
            ...entry.apiPages.map((template) => ({ entry, template, known, isApi: true })),
        ]);
    });
}
function onVendorsHost(page, address, settings, lookup) {
    const { entry, template, known } = page;
    const { region } = settings;
    if (!isWholeAddress(template)) {
        for (const open of publicPlaces(entry, region)) {
            const found = located(address_read(page, address, open), open);
            if (found)
                return found;
        }
        return undefined;
    }
    const match = address_read(page, address);
    const here = match?.region ?? region ?? fromEnv(entry.provider.server.region?.env, lookup.env);
    const place = match && known?.kind === "given" ? inRegion(known, here, entry, lookup) : publicPlace(entry, here);
    if (match?.region !== undefined && region !== undefined && place && match.region !== region)
        throw new usage_UsageError(`${lookup.spell("region")}: "${(0,src_text/* oneLine */.TN)(region, 60)}" is not the region of the page, ${match.region}; leave it out`);
    return located(match, place);
}
function onKnownServer(page, address) {
    const { template, known } = page;
    if (isWholeAddress(template) || !known)
        return undefined;
    return located(address_read(page, address, known), known);
}
/** A path of ids alone may be any system's page: one that says more comes first. */
const isBare = (template) => template.startsWith("/") && template.split("/").every((part) => part === "" || /^\{[^{}]*\}$/.test((0,src_text/* head */.d5)(part)));
/** On a server that only the address names: no credential of the environment goes there. */
function byShapeOfPath(page, address, settings, { spell }) {
    const { entry, template, known } = page;
    const { provider } = entry;
    const { region } = settings;
    if (settings.provider !== undefined && settings.provider !== entry.key)
        return undefined;
    if (isWholeAddress(template) || !provider.server.selfHosted)
        return undefined;
    if (isBare(template) && settings.provider === undefined)
        return undefined;
    const others = [...publicPlaces(entry, region), known];
    if (others.some((place) => place && new URL(place.server).origin === address.origin))
        return undefined;
    const place = page.isApi ? placeOfApi(provider, address) : undefined;
    const match = address_read(page, address, place);
    if (!match)
        return undefined;
    const http = `${spell("allow-http")} together with ${spell("server-url")}`;
    const server = checkServer(place?.server ?? match.server, spell("url"), false, http);
    return located(match, placeAt(provider, server, "found"));
}
/** The ids in an address of the run's own target, wherever its server is. */
function idsOnPage(address, { pages, target, provider }) {
    for (const template of pages) {
        const match = readPage(template, address_canonical(address, provider), target.ids);
        if (match)
            return match.ids;
    }
    return undefined;
}
function address_canonical({ href }, { server: { canonicalPage } }) {
    return new URL(canonicalPage ? canonicalPage(href) : href);
}
/** What the page's template reads in the address; undefined unless it names a run whole. */
function address_read({ template, entry, isApi }, address, place) {
    const base = isApi ? place?.api : place?.server;
    const page = address_canonical(address, entry.provider);
    const match = readPage(template, page, entry.target.ids, base ? new URL(base) : undefined);
    if (!match)
        return undefined;
    const { region, ...ids } = match.ids;
    const incomplete = entry.requiredIds.some((name) => ids[name] === undefined);
    if (incomplete || Object.values(ids).some(hasDotSegment))
        return undefined;
    return { ids, server: match.server ?? "", region };
}
function located(match, place) {
    if (!match || !place)
        return undefined;
    const { ids, region } = match;
    return { ids, place: { ...place, ...(region !== undefined && { region }) } };
}
/** Pages of the vendor whose host is in the text, else those whose path shares most words with it. */
function examples(only, text, lookup) {
    const words = new Set(text.split("/"));
    const pages = [...lookup.providers]
        .filter(([key, { answersTo }]) => (only === undefined ? answersTo === undefined : only === key))
        .flatMap(([key, provider]) => [...catalog_entriesOf(key, provider).values()].flatMap(({ target, pastablePages: [template] }) => {
        if (template === undefined)
            return [];
        const region = provider.server.region?.example ?? "";
        const server = publicUrl(provider.server.url, region) ?? "https://HOST";
        const page = pageOf(template, server, exampleValues(template, target, region));
        return [
            { page, shared: template.split("/").filter((word) => !/^(?:https:)?$/.test(word) && words.has(word)).length },
        ];
    }))
        .sort((a, b) => b.shared - a.shared || a.page.length - b.page.length)
        .map(({ page }) => page);
    const near = pages.filter((page) => text.includes(page.split("/")[2]));
    const shown = near.length > 0 ? near : pages;
    return shown.length > 0 ? `pages such as ${(0,src_text/* oneOf */.yL)(shown.slice(0, 3))}` : "no pages of this provider; give its ids";
}

;// CONCATENATED MODULE: ./lib/src/engine/ids.js











/** The runs that the ids name. Throws `UsageError`. */
function byIds(settings, lookup) {
    const { key, provider, defaults, server, region } = resolve(settings, lookup);
    const own = lookup.platform?.provider === key ? lookup.platform.own : undefined;
    const ids = settings.self && own && Object.keys(settings.ids).length === 0 ? own : settings.ids;
    const entry = chooseTarget(key, provider, ids, defaults, lookup);
    const { target, listId: list } = entry;
    const given = valuesOf(target.ids, ids, defaults).filter(({ name }) => name !== list);
    const place = placeOf(entry, server, regionOf(given, settings, lookup) ?? region, lookup);
    const base = Object.fromEntries(given.map((value) => [value.name, checkId(value, place, lookup)]));
    const listed = listOf(ids[list] ?? "");
    if (listed.length === 0)
        throw new MissingId(lookup.spell(list), `${lookup.spell(list)} is empty; it takes the ${target.ids[list].help}`);
    return listed.map((value) => ({
        ...entry,
        ids: inOrder(entry, {
            ...base,
            [list]: checkId({ name: list, id: target.ids[list], value, variable: undefined }, place, lookup),
        }),
        place,
    }));
}
/** What a selection lists: a run without the id that the list is to give. Throws `UsageError`. */
function locateList(settings, lookup) {
    const { key, provider, defaults, server, region } = resolve(settings, lookup);
    const entry = [...catalog_entriesOf(key, provider).values()].find(({ target }) => target.list !== undefined);
    if (!entry)
        throw new usage_UsageError(`provider ${key} cannot select runs; give their ids`);
    const { target } = entry;
    const { within } = target.list;
    const stray = Object.keys(settings.ids).find((name) => !within.includes(name));
    if (stray !== undefined) {
        const takes = (0,src_text/* oneOf */.yL)(within.map((name) => lookup.spell(name)), "and");
        throw new usage_UsageError(`${lookup.spell(stray)} cannot be combined with a selection, which takes ${takes}`);
    }
    const of = Object.fromEntries(within.map((name) => [name, target.ids[name]]));
    const given = valuesOf(of, settings.ids, defaults);
    const missing = within.find((name) => given.every((value) => value.name !== name));
    if (missing !== undefined)
        throw new MissingId(lookup.spell(missing), `${lookup.spell(missing)} is missing: a selection at provider ${key} needs it`);
    const place = placeOf(entry, server, regionOf(given, settings, lookup) ?? region, lookup);
    const ids = Object.fromEntries(given.map((value) => [value.name, checkId(value, place, lookup)]));
    return { ...entry, ids, place };
}
function resolve(settings, lookup) {
    const key = providerOf(settings, lookup);
    const provider = lookup.providers.get(key);
    const server = givenServer(key, provider, settings, lookup);
    return {
        key,
        provider,
        defaults: defaultsOf(key, provider, server, lookup),
        server,
        region: settings.region ?? fromEnv(provider.server.region?.env, lookup.env),
    };
}
function providerOf(settings, lookup) {
    const { platform, providers, spell } = lookup;
    const key = settings.provider ?? (settings.self ? platform?.provider : undefined);
    if (key !== undefined) {
        const keys = meantBy(key, settings, lookup);
        if (keys.length === 1)
            return keys[0];
        const { server } = givenServer(keys[0], providers.get(keys[0]), settings, lookup);
        return oneOfProviders(keys, server, `${spell("server-url")}: ${server} could be a server`, lookup);
    }
    const message = `${spell("url")} or ${spell("provider")} is missing: give the run's page, or one of ${(0,src_text/* oneOf */.yL)([...providers.keys()])} with its ids`;
    throw Object.keys(settings.ids).length === 0 && !settings.selection
        ? new MissingId(spell("url"), message)
        : new usage_UsageError(message);
}
/** The ids of the project that we run in come first, and are none of another server's. */
function defaultsOf(key, provider, server, { platform, env }) {
    const isHere = platform?.provider === key && (server === undefined || server.server === platform.server);
    const host = new URL(server?.server ?? publicUrl(provider.server.url, "") ?? "https://server.invalid").host;
    const defaults = {};
    for (const { ids } of Object.values(provider.targets)) {
        for (const [name, id] of Object.entries(ids)) {
            const here = isHere ? platform.ids[name] : undefined;
            const variable = id.env?.find((one) => env[one]?.trim());
            const found = variable === undefined ? undefined : env[variable].trim();
            // One of another server is none of this one's.
            const isOurs = found !== undefined && (id.says?.(found).host ?? host) === host;
            // One that may be left out is left out where its variable holds something else, as a team's may hold a person's id.
            const fits = isOurs && (!id.optional || matches(id.pattern, id.normalize?.(found) ?? found));
            if (here !== undefined)
                defaults[name] = { value: here };
            else if (fits && variable !== undefined)
                defaults[name] = { value: found, variable };
        }
    }
    return defaults;
}
function valuesOf(ids, inputs, defaults) {
    return Object.entries(ids).flatMap(([name, id]) => {
        const given = inputs[name];
        const value = given === undefined ? defaults[name]?.value : unquoted(given);
        const variable = given === undefined ? defaults[name]?.variable : undefined;
        return value === undefined ? [] : [{ name, id, value, variable }];
    });
}
/** The region that an id names: no other one has the run. */
function regionOf(values, { region }, lookup) {
    for (const { name, id, value } of values) {
        const said = id.says?.(value).region;
        if (said !== undefined && region !== undefined && said !== region)
            throw new usage_UsageError(`${lookup.spell("region")}: "${(0,src_text/* oneLine */.TN)(region, 60)}" is not the region in ${lookup.spell(name)}, ${(0,src_text/* oneLine */.TN)(said, 60)}; leave it out`);
        if (said !== undefined)
            return said;
    }
    return undefined;
}
function chooseTarget(key, provider, inputs, defaults, lookup) {
    const names = Object.keys(inputs);
    const entries = [...catalog_entriesOf(key, provider).values()];
    const combinations = entries.map(({ targetName, target }) => {
        const ids = Object.entries(target.ids).map(([id, { optional }]) => optional ? `[${lookup.spell(id)}]` : lookup.spell(id));
        return `${(0,src_text/* oneOf */.yL)(ids, "and")} (${targetName})`;
    });
    const accepted = `provider ${key} takes ${(0,src_text/* oneOf */.yL)(combinations)}`;
    if (names.length === 0)
        throw new MissingId("an id", `no id is given; ${accepted}`);
    const known = new Set(entries.flatMap(({ idNames }) => idNames));
    const foreign = names.find((name) => !known.has(name));
    if (foreign !== undefined) {
        const near = nearest(foreign, [...known]);
        const hint = near === undefined ? "" : `; did you mean ${lookup.spell(near)}?`;
        throw new usage_UsageError(`${lookup.spell((0,src_text/* oneLine */.TN)(foreign, 60))} is not an id of this provider; ${accepted}${hint}`);
    }
    const fits = entries.filter(({ idNames }) => names.every((name) => idNames.includes(name)));
    if (fits.length === 0)
        throw new usage_UsageError(`${names.map((name) => lookup.spell(name)).join(", ")} cannot be combined; ${accepted}`);
    const missing = ({ requiredIds, listId }) => requiredIds.filter((name) => inputs[name] === undefined && (name === listId || defaults[name] === undefined));
    const complete = fits.find((entry) => missing(entry).length === 0);
    if (complete)
        return complete;
    const lists = fits.map((entry) => (0,src_text/* oneOf */.yL)(missing(entry).map((name) => lookup.spell(name)), "and"));
    const lacking = (0,src_text/* oneOf */.yL)([...new Set(lists)]);
    throw new MissingId(lacking, `${lacking} is missing; ${accepted}`);
}
function checkId({ name, id, value, variable }, place, lookup) {
    const host = id.says?.(value).host;
    if (host !== undefined && host !== new URL(place.server).host)
        throw new usage_UsageError(`${lookup.spell(name)}: "${(0,src_text/* oneLine */.TN)(value, 120)}" is on ${host}, not on ${new URL(place.server).host}; if that is your server, add ${lineFor("server-url", `https://${host}`, lookup)}`);
    const normal = id.normalize?.(value) ?? value;
    if (matches(id.pattern, normal) && !hasDotSegment(normal))
        return normal;
    const takes = `the ${id.help}, for example ${id.example}${id.hint ? `; ${id.hint}` : ""}`;
    if (variable === undefined)
        throw bad(lookup, name, value, `takes ${takes}`);
    throw new usage_UsageError(`${variable} in the environment is "${(0,src_text/* oneLine */.TN)(value, 120)}", and this takes ${takes}; give it as ${lookup.spell(name)}`);
}

;// CONCATENATED MODULE: ./lib/src/engine/locate.js
/** From inputs to runs: by page, by ids, or as a list to select from. Sends nothing. */





/** Throws `UsageError`. */
function locate(settings, lookup) {
    checkPlatform(lookup);
    const byPage = settings.addresses.length > 0;
    if (settings.selection && byPage)
        throw new usage_UsageError(`${lookup.spell("url")} names runs; a selection chooses them: give one of the two`);
    if (settings.selection)
        return { runs: [], query: locateList(settings, lookup) };
    const runs = byPage ? byAddress(settings, lookup) : byIds(settings, lookup);
    return { runs: [...new Map(runs.map((run) => [runKey(run), run])).values()], query: undefined };
}

;// CONCATENATED MODULE: ./lib/src/engine/look.js
/** Looking at a run: the only thing that decides what became of it. */





const ended = new Set(["cancelled", "succeeded", "failed", "skipped"]);
/** Whether nothing more happens in that state. */
const isEnd = (state) => ended.has(state);
/** Looks once; retries of the request are the client's. `asked`: our cancel was accepted before. */
async function look(run, session, sending, asked) {
    try {
        const { kind, reply, said, address } = await session.send(run, run.target.look, { ...sending, changes: false });
        if (kind === "not-found")
            return { ok: false, kind, detail: said, ...(address !== undefined && { address }) };
        if (kind === "denied")
            return { ok: false, kind, detail: said };
        if (kind === "refused")
            return { ok: false, kind: "unclear", detail: `the look was answered ${said}` };
        const doubt = notAboutIt(run, reply.body);
        if (doubt !== undefined)
            return { ok: false, kind: "shapeless", detail: doubt };
        const became = whatItBecame(run, reply.body);
        if (!became) {
            const seen = readLook(run, reply.body, asked);
            return (seen.ok && (await ambiguity(run, seen, session, sending))) || seen;
        }
        const seen = await look(became, session, sending, asked);
        // What has just begun may not be there yet.
        if (!seen.ok && seen.kind === "not-found")
            return {
                ok: false,
                kind: "shapeless",
                detail: `its ${became.targetName} is not there, or hidden (${seen.detail})`,
            };
        return seen.ok ? { ...seen, became } : seen;
    }
    catch (error) {
        if (error instanceof MissingValue)
            return { ok: false, kind: "unclear", detail: error.message };
        if (!(error instanceof HttpError))
            throw error;
        const kind = {
            unreachable: "unreachable",
            protocol: "unclear",
            denied: "denied",
            postponed: "unreachable",
            deadline: "no-time",
            aborted: "interrupted",
        };
        return { ok: false, kind: kind[error.kind], detail: error.message };
    }
}
/** Whether the address of a run that was seen first now may mean another run, which is there, too. */
async function ambiguity(run, { learned, page }, session, sending) {
    const { mistakenFor } = run.target;
    if (mistakenFor === undefined || run.address === undefined || sending.last !== undefined)
        return undefined;
    const entries = Object.entries(mistakenFor.ids).map(([theirs, ours]) => [theirs, run.ids[ours] ?? ""]);
    const own = { ...run.ids, ...learned };
    const differing = entries.find(([name, value]) => own[name] !== value);
    if (!differing)
        return undefined;
    const other = await look(sibling(run, mistakenFor.target, Object.fromEntries(entries)), session, sending);
    if (!other.ok)
        return other.kind === "not-found" ? undefined : other;
    const [name, value] = differing;
    const detail = `the address may mean ${name} ${own[name] ?? ""}, whose page is ${page ?? run.address}, or ${name} ${value}, whose page is ${other.page ?? "another one"}; give ${name} in place of the address`;
    return { ok: false, kind: "another-run", detail };
}
/** The run that this one has turned into, if the reply tells. */
function whatItBecame(run, body) {
    const { becomes } = run.target;
    if (!becomes)
        return undefined;
    const { ids } = run.provider.targets[becomes.target];
    const told = {};
    for (const [name, from] of Object.entries(becomes.ids)) {
        const value = pick(from, body);
        if (typeof value !== "string" && typeof value !== "number")
            return undefined;
        const text = ids[name]?.normalize?.(`${value}`) ?? `${value}`;
        if (!matches(ids[name].pattern, text))
            return undefined;
        told[name] = text;
    }
    return sibling(run, becomes.target, told);
}
/** Why a reply shows nothing of the run: a gateway's JSON may have a word for a state, too. */
function notAboutIt(run, body) {
    const { shows = {}, also = [] } = run.target.look;
    const ids = Object.entries(shows).flatMap(([name, from]) => {
        const asked = run.ids[name];
        return asked === undefined ? [] : [{ name, asked, shown: look_textOf(pick(from, body)) }];
    });
    const other = ids.find(({ asked, shown }) => shown !== undefined && asked.toLowerCase() !== shown.toLowerCase());
    if (other)
        return `the reply is about another run, ${other.shown ?? ""}`;
    const missing = ids.find(({ shown }) => shown === undefined);
    if (!missing)
        return undefined;
    if (also.length > 0 && also.every((where) => (pick(where, body) ?? null) !== null))
        return undefined;
    return `the reply does not say that it is about ${missing.name} ${missing.asked}`;
}
/** The state that a reply shows; undefined when it shows none. `asked`: our cancel was accepted before. */
function stateOf(run, body, asked, reading = run.target.look) {
    const raw = pick(reading.state, body);
    // No vendor has an object for a word.
    if (typeof raw === "object" && raw !== null)
        return undefined;
    const stated = holds(reading.over, body);
    const word = typeof raw === "string" || typeof raw === "number" ? `${raw}` : undefined;
    if (word === undefined && stated === undefined)
        return undefined;
    // A word that it had before we asked says nothing of what has come of that.
    const isAfter = asked !== undefined && (stated === true || word !== asked.word);
    const known = isAfter ? run.statesAfterCancel : run.states;
    let state = word !== undefined && Object.hasOwn(known, word) ? known[word] : "unknown";
    if (stated === false && (ended.has(state) || word === undefined))
        state = "running";
    const isLive = word === undefined || (state !== "unknown" && !ended.has(state));
    return { state, word: (0,src_text/* oneLine */.TN)(word ?? "", 60), over: isLive ? false : (stated ?? ended.has(state)) };
}
/** What the reply to an accepted cancel shows of the run: only one that says which run it is about counts. */
function shownByReply(run, body, asked) {
    const { reply } = run.target.cancel;
    const ids = Object.entries(reply?.shows ?? {});
    const isAboutIt = ids.every(([name, from]) => `${pick(from, body) ?? ""}`.toLowerCase() === run.ids[name]?.toLowerCase());
    return reply && ids.length > 0 && isAboutIt ? stateOf(run, body, asked, reply) : undefined;
}
function look_textOf(value) {
    return typeof value === "string" || typeof value === "number" ? (0,src_text/* oneLine */.TN)(`${value}`) || undefined : undefined;
}
function readLook(run, body, asked) {
    const { look: reading } = run.target;
    const shown = stateOf(run, body, asked);
    if (!shown)
        return { ok: false, kind: "shapeless", detail: "the reply does not say which state the run is in" };
    const text = (from) => look_textOf(pick(from, body));
    const stated = runOnPage(text(reading.url), run);
    if (stated !== undefined)
        return { ok: false, kind: "another-run", detail: stated };
    const fields = Object.entries(reading.record ?? {}).map(([name, from]) => [name, clean(pick(from, body))]);
    const learned = Object.entries(reading.learn ?? {}).flatMap(([name, from]) => {
        const value = text(from);
        const id = run.target.ids[name];
        const normal = value !== undefined && id?.normalize ? id.normalize(value) : value;
        return normal !== undefined ? [[name, normal]] : [];
    });
    return {
        ok: true,
        ...shown,
        name: text(reading.name),
        ref: text(reading.ref),
        attempt: text(reading.attempt),
        page: safePage(text(reading.url), run),
        learned: Object.fromEntries(learned),
        record: Object.fromEntries(fields.filter(([, value]) => value !== undefined)),
        body,
    };
}
/**
 * What is wrong with a run that was named by its page, where the server states another page for it: some servers number the pages of
 * a repository's runs, while their API takes ids. A run has moved, or its project has another name, if its unique id is the same.
 */
function runOnPage(stated, run) {
    if (run.address === undefined || stated === undefined || !URL.canParse(stated))
        return undefined;
    const other = idsOnPage(new URL(stated), run);
    const asked = Object.entries(run.ids).filter(([name]) => name === run.uniqueId || run.uniqueId === undefined);
    const differs = other && asked.some(([name, id]) => other[name] !== undefined && !isSameId(other[name], id));
    if (!differs)
        return undefined;
    const [given, shown] = [run.ids[run.listId] ?? "", (0,src_text/* oneLine */.TN)(stated, 200)];
    return `the page ${run.address} is not that of the run ${given} that the server has: its page is ${shown}; nothing was sent, give the run by its ${run.listId}`;
}
function isSameId(one, other) {
    const plain = (id) => id.replace(/%[0-9a-f]{2}/gi, (escape) => String.fromCharCode(parseInt(escape.slice(1), 16)));
    return plain(one).toLowerCase() === plain(other).toLowerCase();
}
const clean = (value) => typeof value === "string"
    ? (0,src_text/* oneLine */.TN)(value, 1000)
    : typeof value === "number" || typeof value === "boolean"
        ? value
        : undefined;
/** A link that a reply states is shown only if it leads to the server we asked, or to the vendor's own. */
function safePage(page, run) {
    if (page === undefined || !URL.canParse(page))
        return undefined;
    const { protocol, hostname, username } = new URL(page);
    const asked = [run.place.server, run.place.api].map((address) => new URL(address).hostname);
    const vendor = new URL(run.provider.docs).hostname.split(".").slice(-2).join(".");
    const known = asked.includes(hostname) || hostname.endsWith(`.${vendor}`);
    return /^https?:$/.test(protocol) && !username && known ? page : undefined;
}

;// CONCATENATED MODULE: ./lib/src/engine/listing.js
/** Lists, page by page: runs, the jobs of a run, and what a run has started. */





/** Every item of a list, page by page. `filters` are added to the first page's query. Throws `HttpError`. */
async function* itemsOf(run, pages, session, sending, filters = {}) {
    const first = withQuery(pages.route, filters);
    let call = { ...pages, route: first };
    let read = 0;
    for (let page = 1; page <= maxPages; page++) {
        const { kind, reply, said } = await session.send(run, call, sending);
        if (kind !== "ok") {
            const host = new URL(run.place.api).host;
            const denied = kind === "denied";
            throw new HttpError(denied ? "denied" : "protocol", `${host} answered ${said}`, false);
        }
        const listed = pages.items === "" ? reply.body : pick(pages.items, reply.body);
        if (!Array.isArray(listed))
            throw new HttpError("protocol", "the reply is not the list that was asked for", false);
        yield* listed;
        read += listed.length;
        if (isNumbered(pages.next)) {
            const total = pick(pages.next.total, reply.body);
            if (typeof total !== "number")
                throw new HttpError("protocol", "the list does not say how many items it has", false);
            if (listed.length === 0 || read >= total)
                return;
            const [parameter, value] = "page" in pages.next ? [pages.next.page, page + 1] : [pages.next.offset, read];
            call = withParameter({ ...pages, route: first }, parameter, value);
        }
        else if (isTokened(pages.next)) {
            const token = tokenIn(reply, pages.next) ?? "";
            if (token === "")
                return;
            call = withParameter({ ...pages, route: first }, pages.next.parameter, token);
        }
        else {
            const next = pages.next === "link" ? nextLink(reply.headers["link"]) : pick(pages.next, reply.body);
            if (!next)
                return;
            call = { ...pages, route: `GET ${below(run.place.api, next)}` };
        }
    }
    throw new HttpError("protocol", `the list has more than ${maxPages} pages`, false);
}
const maxPages = 1000;
function isNumbered(next) {
    return typeof next === "object" && "total" in next;
}
function isTokened(next) {
    return typeof next === "object" && "token" in next;
}
function tokenIn({ headers, body }, { token }) {
    const isHeader = typeof token === "object" && "header" in token;
    return isHeader ? headers[token.header] : pick(token, body);
}
/** In the body, where the list is asked for by one. */
const withParameter = (call, name, value) => call.body === undefined
    ? { ...call, route: withQuery(call.route, { [name]: `${value}` }) }
    : { ...call, body: { ...call.body, [name]: value } };
function withQuery(route, query) {
    const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    return pairs.length === 0 ? route : `${route}${route.includes("?") ? "&" : "?"}${pairs.join("&")}`;
}
/** https://www.rfc-editor.org/rfc/rfc8288 */
function nextLink(header = "") {
    return (0,src_text/* head */.d5)(header)
        .split(/,(?=\s*<)/)
        .find((link) => /;\s*rel="?next"?/i.test(link))
        ?.match(/<([^<>]*)>/)?.[1];
}
/** The next page is at the server that was asked, or nowhere: a credential goes with the request. */
function below(api, next) {
    const address = URL.canParse(next, `${api}/`) ? new URL(next, `${api}/`).href : "";
    if (!address.startsWith(`${api}/`)) {
        throw new HttpError("protocol", `${new URL(api).host} points to a next page elsewhere; it is not followed`, false);
    }
    return address.slice(api.length).replace(/[{}]/g, encodeURIComponent);
}
/** Readings of one list, at most. */
const maxReadings = 3;
/** Everything that the list says, each run once, in the order of the list. Throws `HttpError`. */
async function listRuns(query, session, { sending, searches, instead }) {
    const list = query.target.list;
    const runs = new Map();
    let cut;
    for (const filters of searches) {
        // Where a run that ends leaves the list, one that follows moves to a page that has been read: read on until nothing is new.
        for (let reading = 1; reading <= maxReadings; reading++) {
            const before = runs.size;
            let items = 0;
            for await (const item of known(itemsOf(query, instead ?? list, session, { ...sending, changes: false }, filters), list)) {
                items++;
                const run = readItem(query, item, instead?.ids ?? list.ids);
                if (!run)
                    throw new HttpError("protocol", "an item of the list does not say which run it is, and in which state", false);
                runs.set(run.key, run);
            }
            if (list.max !== undefined && items >= list.max)
                cut = "the server listed only the newest";
            if (list.pageSize === undefined || items < list.pageSize || runs.size === before)
                break;
            if (reading === maxReadings)
                cut ??= "the list kept changing while it was read";
        }
    }
    return { listed: [...runs.values()], cut };
}
async function* known(items, { unknownWord }) {
    try {
        yield* items;
    }
    catch (error) {
        if (!(error instanceof HttpError && unknownWord?.test((0,src_text/* head */.d5)(error.message))))
            throw error;
    }
}
/** `ids` are what an item says of its place, where that is not the place of the list. */
function readItem(run, body, ids = {}) {
    const { item, tags } = run.target.list;
    const id = listing_textOf(item.id, body);
    const shownState = stateOf(run, body);
    if (id === undefined || shownState === undefined)
        return undefined;
    const { state, word } = shownState;
    const shown = listing_idsOf(run, run.targetName, { ...ids, [run.listId]: item.id }, body);
    if (shown === undefined)
        return undefined;
    const itself = sibling(run, run.targetName, { ...run.ids, ...shown });
    return {
        run: itself,
        key: runKey(itself),
        id,
        state,
        word,
        branch: listing_textOf(item.branch, body),
        commit: listing_textOf(item.commit, body),
        tree: listing_textOf(item.tree, body),
        event: listing_textOf(item.event, body),
        workflows: (item.workflow ?? []).flatMap((spelling) => listing_textOf(spelling, body) ?? []),
        started: timeOf(item.started, body),
        headRepository: listing_textOf(item.headRepository, body),
        headRepositoryName: listing_textOf(item.headRepositoryName, body),
        repository: listing_textOf(item.repository, body),
        pullRequest: listing_textOf(item.pullRequest, body),
        isTag: holds(tags?.is, body),
    };
}
/** Every item of a further list that a selection needs, which must be whole: what is not in it counts as gone. Throws `HttpError`. */
async function wholeList(run, pages, session, sending, read, filters = {}) {
    const all = [];
    for await (const item of itemsOf(run, pages, session, { ...sending, changes: false }, filters)) {
        const known = read(item);
        if (known === undefined)
            throw new HttpError("protocol", "an item of the list does not say what it is", false);
        all.push(known);
    }
    return all;
}
/** The jobs of a run, with their state in our words. Throws `HttpError`. */
async function jobsOf(run, session, sending) {
    const { jobs } = run.target;
    if (!jobs)
        throw new HttpError("protocol", `provider ${run.key} does not list the jobs of a ${run.targetName}`, false);
    const all = [];
    for (const kind of jobs) {
        for await (const job of itemsOf(run, kind, session, { ...sending, changes: false })) {
            all.push({
                name: (0,src_text/* oneLine */.TN)(listing_textOf(kind.name, job) ?? ""),
                state: wordState(run, listing_textOf(kind.state, job) ?? ""),
            });
        }
    }
    return all;
}
/** What a run has started, and whether more is to come. Throws `HttpError`. */
async function downstreamOf(run, session, sending) {
    const started = [];
    let pending = false;
    for (const list of run.target.downstream ?? []) {
        if (list.unlisted && holds(list.unlisted.when, sending.last) === true)
            throw new HttpError("protocol", list.unlisted.because, false);
        const by = Object.entries(list.startedBy ?? {});
        for await (const item of itemsOf(run, list, session, { ...sending, changes: false })) {
            if (by.some(([name, from]) => listing_textOf(from, item) !== run.ids[name]))
                continue;
            const ids = listing_idsOf(run, list.target, list.ids, item);
            if (ids !== undefined)
                started.push(sibling(run, list.target, { ...run.ids, ...ids }));
            else if (Object.values(list.ids).every((from) => listing_textOf(from, item) === undefined))
                pending = true;
            else
                throw new HttpError("protocol", "the list does not say which run was started", false);
        }
    }
    return { started, pending };
}
/** The run that the vendor has begun in the place of one that is over, `body` being the latest look at it. Throws `HttpError`. */
async function successorOf(run, session, sending, body) {
    const { successor, look } = run.target;
    const name = listing_textOf(look.name, body);
    const own = run.ids[run.listId] ?? "";
    if (!successor || (successor.name !== undefined && name === undefined))
        return undefined;
    const within = {};
    for (const [value, where] of Object.entries(successor.within)) {
        const told = listing_textOf(where, body);
        if (told === undefined)
            throw new HttpError("protocol", `the reply does not say its ${value}`, false);
        within[value] = told;
    }
    let newest;
    for await (const item of itemsOf(run, successor, session, { ...sending, learned: within, changes: false })) {
        const id = listing_textOf(successor.id, item);
        const isOther = successor.name !== undefined && listing_textOf(successor.name, item) !== name;
        if (isOther || id === undefined || !matches(run.target.ids[run.listId].pattern, id))
            continue;
        if (isHigher(id, newest?.id ?? own))
            newest = { id, state: wordState(run, listing_textOf(successor.state, item) ?? "") };
    }
    return newest;
}
/** Numbers beyond 2^53 exist. */
const isHigher = (one, other) => one.length === other.length ? one > other : one.length > other.length;
/** The parts of a run that are in certain states. Throws `HttpError`. */
async function partsOf(run, parts, session, sending) {
    const all = [];
    for await (const item of itemsOf(run, parts, session, { ...sending, changes: false })) {
        if (!parts.in.includes(wordState(run, listing_textOf(parts.state, item) ?? "")))
            continue;
        const ids = listing_idsOf(run, parts.target, parts.ids, item);
        if (ids === undefined)
            throw new HttpError("protocol", `the list does not say which ${parts.target} it shows`, false);
        all.push(sibling(run, parts.target, { ...run.ids, ...ids }));
    }
    return all;
}
/** Ids out of a server's text; undefined unless each looks like one: what does not is never put into a path. */
function listing_idsOf(run, targetName, from, body) {
    const { ids } = run.provider.targets[targetName];
    const values = {};
    for (const [name, where] of Object.entries(from)) {
        const value = listing_textOf(where, body);
        if (value === undefined || !matches(ids[name].pattern, value))
            return undefined;
        values[name] = value;
    }
    return values;
}
/** A text or a number as text; all else, and an empty text, is not there. */
function listing_textOf(from, body) {
    const value = pick(from, body);
    return typeof value === "string" || typeof value === "number" ? `${value}` || undefined : undefined;
}
/** Some vendors write 1970 or the year 1 for what has not begun. */
const earliest = Date.UTC(2000);
function timeOf(from, body) {
    const time = Date.parse(listing_textOf(from, body) ?? "");
    return time >= earliest ? time : undefined;
}
/** Our word for one of the vendor's. */
function wordState({ states }, word) {
    return Object.hasOwn(states, word) ? states[word] : "unknown";
}

;// CONCATENATED MODULE: ./lib/src/engine/spared.js



/** It is none of those that are meant. */
const unlike = (why, as) => ({ why, as, untold: false });
const untold = (why) => ({ why, as: "unclear", untold: true });
/** What is said of a run of which it cannot be told. */
const leftAlone = ({ why }) => `left alone, because it is unclear whether it is meant: ${why}`;
/** `3 of another branch, 1 of another event`; the most first. */
function tally(reasons) {
    const counts = new Map();
    for (const reason of reasons)
        counts.set(reason, (counts.get(reason) ?? 0) + 1);
    return [...counts]
        .sort(([, a], [, b]) => b - a)
        .map(([reason, count]) => `${count} ${reason}`)
        .join(", ");
}
/** It cannot be told whether it is one of those that were selected, and what is wrong with the reply cannot be told either. */
const notInReply = "a look does not show the run that was listed";
/** Every listed run by what became of it: `12 runs were listed: 2 selected, 9 of another branch, 1 succeeded`. */
function counted(choices) {
    const reasons = choices.flatMap(({ spared }) => (spared === undefined ? [] : [spared.as]));
    const selected = `${choices.length - reasons.length} selected`;
    const were = choices.length === 1 ? "run was" : "runs were";
    return `${choices.length} ${were} listed: ${[selected, ...(reasons.length > 0 ? [tally(reasons)] : [])].join(", ")}`;
}
/** A line for each listed run, with all that it was judged by. */
function table(choices) {
    const rows = choices.map(({ candidate, spared }) => [
        candidate.run.requiredIds
            .slice(-2)
            .map((name) => candidate.run.ids[name])
            .join(" "),
        candidate.state,
        candidate.started === undefined ? "-" : new Date(candidate.started).toISOString(),
        candidate.branch ?? "-",
        candidate.headRepositoryName ?? "-",
        candidate.commit?.slice(0, 12) ?? "-",
        candidate.workflows[0] ?? "-",
        candidate.event ?? "-",
        spared === undefined ? "selected" : `spared: ${spared.why}`,
    ]);
    const head = ["run", "state", "began", "branch", "repository", "commit", "workflow", "event", "verdict"];
    return [head, ...rows].map((row) => row.map((cell) => (0,src_text/* oneLine */.TN)(cell, 120)).join(" | "));
}
/** Values of one kind that are shown, at most. */
const maxSeen = 10;
/** What was searched and what was seen, and what people give in vain. */
function nothingFound(query, { choices, wanted }, spell) {
    const { selection } = wanted;
    const listed = choices.map(({ candidate }) => candidate);
    const reasons = choices.map(({ spared }) => spared?.as ?? "");
    const seen = (what, given, of) => missing(what, given, listed.map(of));
    return [
        `nothing to cancel: 0 ${searched(selection, wanted.branch)}`,
        listed.length === 0 ? "" : `${listed.length} listed: ${tally(reasons)}`,
        seen("workflow", selection.workflow?.wanted ?? [], ({ workflows }) => workflows),
        seen("event", selection.event?.wanted ?? [], ({ event }) => (event === undefined ? [] : [event])),
        ...advice(query, selection, spell),
        `searched ${new URL(query.place.server).host} ${Object.values(query.ids).join(" ")}`,
    ]
        .filter(Boolean)
        .join("; ");
}
/** The selection in words: `live runs of branch main, of workflow ci.yml`. */
function searched(selection, branch) {
    const { states, pullRequest, olderThan, olderThanThis, keepNewest, withJob, withFailedJob } = selection;
    const kind = states.length === 4 ? "live" : (0,src_text/* oneOf */.yL)(states);
    const of = (what, terms) => terms && (acceptsAll(terms) ? `of any ${what}` : `of ${what} ${(0,src_text/* oneLine */.TN)(inWords(terms), 200)}`);
    const ofOne = [
        pullRequest && `of pull request ${pullRequest}`,
        of("branch", branch),
        of("repository", selection.headRepository),
        selection.commit && !acceptsAll(selection.commit) && of("commit", selection.commit),
        of("workflow", selection.workflow),
        of("event", selection.event),
        selection.orphaned && "of a branch that is gone or a pull request that is closed",
        withJob && `with a job ${withJob}`,
        withFailedJob && `with a failed job ${withFailedJob}`,
        olderThan !== undefined && `older than ${(0,src_text/* duration */.p0)(olderThan)}`,
        olderThanThis && "older than this step's own",
        keepNewest > 0 && `beyond the newest ${keepNewest}`,
    ].filter(Boolean);
    return `${kind} runs ${ofOne.join(", ")}`.trim();
}
/** `main or release/* but not release/1` */
function inWords({ wanted, excluded }) {
    const but = excluded.length === 0 ? "" : `${wanted.length === 0 ? "any" : ""} but not ${(0,src_text/* oneOf */.yL)(excluded)}`;
    return [(0,src_text/* oneOf */.yL)(wanted), but.trim()].filter(Boolean).join(" ");
}
/** Names that no listed run bears, and those that they bear. */
function missing(what, given, borne) {
    const unknown = given.filter((term) => !borne.some((names) => names.some((name) => isLike(term, name))));
    // Of several spellings people write the one without a folder.
    const seen = [...new Set(borne.flatMap((names) => names.find((name) => !name.includes("/")) ?? names[0] ?? []))];
    if (unknown.length === 0 || seen.length === 0)
        return "";
    const shown = seen.slice(0, maxSeen).map((name) => (0,src_text/* oneLine */.TN)(name, 60));
    const more = seen.length > maxSeen ? `, and ${seen.length - maxSeen} more` : "";
    return `no run of ${what} ${(0,src_text/* oneLine */.TN)((0,src_text/* oneOf */.yL)(unknown), 200)}; seen: ${shown.join(", ")}${more}`;
}
/** What is given in vain, and what to give instead. */
function advice(query, selection, spell) {
    const { events, advice: known = [] } = query.target.list;
    const words = (terms) => terms?.wanted.filter(isLiteral) ?? [];
    const given = {
        branch: words(selection.branch),
        commit: words(selection.commit),
        workflow: words(selection.workflow),
        event: words(selection.event),
    };
    const givenOf = (input) => given[input] ?? [];
    const noEvents = events ? givenOf("event").filter((name) => !events.includes(name)) : [];
    return [
        ...(givenOf("branch").some((name) => name.startsWith("refs/tags/")) ? [`${spell("branch")} selects no tags`] : []),
        ...(givenOf("branch").some((name) => /^(?:refs\/remotes\/|origin\/)/.test(name))
            ? [`${spell("branch")} takes a name without its remote`]
            : []),
        ...noEvents.map((name) => `${query.provider.name} documents no event ${(0,src_text/* oneLine */.TN)(name, 60)}${spared_nearest(name, events)}`),
        ...known
            .filter(({ input, on }) => givenOf(input).some((value) => matches(on, value)))
            .map(({ say }) => say.replace(/\{([a-z-]+)\}/g, (_, name) => spell(name))),
    ];
}
/** The name that was perhaps meant: equal but for case and separators, or the only one that begins so. */
function spared_nearest(given, names) {
    const bare = (name) => name.toLowerCase().replace(/[^a-z]/g, "");
    const equal = names.find((name) => bare(name) === bare(given));
    return equal === undefined ? "" : `; did you mean ${equal}?`;
}

;// CONCATENATED MODULE: ./lib/src/engine/selection.js
/** Choosing runs by what they are. Lists go stale, so what is chosen here is looked at again before it is cancelled. */












/** Requests that are made side by side for one question about many runs. */
const concurrency = 16;
/** Waits before a list that lacks our own run is asked for again, in ms: indexes lag behind by seconds. */
const pausesForStaleList = [3000, 10_000];
/** Runs that are warned of one by one, at most. */
const maxWarnings = 8;
/** What is asked about a run must be something that its provider tells. Throws `UsageError`. */
function checkReach(runs, { downstream, unlessJob, selection }, { spell }) {
    const check = (input, asked, fact, what) => {
        const without = asked ? runs.find(({ target }) => fact(target) === undefined) : undefined;
        if (without)
            throw new usage_UsageError(`${spell(input)}: ${without.provider.name} does not report ${what} of a ${without.targetName}`);
    };
    check("downstream", downstream, (target) => target.downstream, "the downstream runs");
    check("unless-job", unlessJob, ({ jobs }) => jobs, "the jobs");
    check("with-job", selection?.withJob, ({ jobs }) => jobs, "the jobs");
    check("with-failed-job", selection?.withFailedJob, ({ jobs }) => jobs, "the jobs");
    check("pull-request", selection?.pullRequest, ({ list }) => list?.pullRequest ?? list?.item.pullRequest, "the pull request");
    check("event", selection?.event, ({ list }) => list?.item.event, "the event");
    check("workflow", selection?.workflow, ({ list }) => list?.item.workflow, "the workflow");
    check("head-repository", selection?.headRepository, ({ list }) => list?.item.headRepositoryName, "the fork");
    check("orphaned", selection?.orphaned, ({ list }) => list?.branches && list.openPullRequests, "the branches");
}
/** Throws `UsageError`. */
function checkSelection(query, { branch, pullRequest, olderThanThis }, { spell, platform }) {
    if (branch !== undefined && pullRequest !== undefined)
        throw new usage_UsageError(`${spell("branch")} and ${spell("pull-request")}: give one of the two`);
    if (olderThanThis && !homeOf(query, platform)?.own)
        throw new usage_UsageError(`${spell("older-than-this")}: this step is part of no run on ${new URL(query.place.server).host}`);
}
/** Chooses runs by the selection. Never rejects for anything that a server does. */
async function choose(query, { settings, session, sending, platform, say, warn, rest, spell, now, debug }) {
    const home = homeOf(query, platform);
    const none = (report) => ({ runs: [], report });
    const ended = (outcome, note) => {
        const exit = settings.failOn.includes(outcome) ? interface_outcomes[outcome].exit : 0;
        return none({ outcome, exit: sending.signal?.aborted ? 130 : exit, note });
    };
    try {
        const choosing = await selectRuns(query, {
            session,
            sending,
            selection: settings.selection,
            own: home?.own,
            self: settings.self,
            nested: home?.nested ?? false,
            ownIsHere: isOfProject(query, home),
            warn,
            rest,
            now,
        });
        const { choices, wanted, cut, lacks } = choosing;
        const chosen = chosenOf(choices);
        const labelOf = ({ run }) => label(run, run.ids, undefined);
        if (debug)
            for (const line of table(choices))
                debug(line);
        for (const { candidate, spared } of settings.dryRun ? choices : choices.filter((one) => one.spared === undefined))
            say(`${labelOf(candidate)}: ${spared === undefined ? "chosen" : `spared: ${spared.why}`}`);
        const untold = choices.filter(({ spared }) => spared?.untold);
        for (const { candidate, spared } of untold.slice(0, maxWarnings))
            warn(`${labelOf(candidate)}: ${leftAlone(spared)}`);
        if (untold.length > maxWarnings)
            warn(`${untold.length - maxWarnings} more runs were left alone, because it is unclear whether they are meant`);
        if (lacks !== undefined && chosen.length === 0)
            return ended("failed", `the list is out of date: it lacks this step's own run, ${lacks}, which the selection matches, so it may lack others; run this step again`);
        if (lacks !== undefined)
            warn(`the list is out of date: it lacks this step's own run, ${lacks}, so it may lack others; run this step again`);
        const more = cut ? `; ${cut}, so there may be more: run this again` : "";
        if (chosen.length === 0)
            return none({ note: `${nothingFound(query, choosing, spell)}${more}` });
        if (chosen.length > settings.maxRuns)
            return ended("refused", `${chosen.length} runs are selected, more than ${spell("max-runs")}: ${settings.maxRuns} allows; none was cancelled`);
        return {
            runs: chosen.map((candidate) => ({ run: candidate.run, secondLook: secondLookAt(candidate, wanted) })),
            report: { note: `${counted(choices)}${more}` },
        };
    }
    catch (error) {
        if (!(error instanceof HttpError))
            throw error;
        const note = `the runs could not be listed: ${error.message}`;
        return error.kind === "denied"
            ? ended("refused", `${note}; needed: ${query.provider.rights}`)
            : ended("failed", note);
    }
}
/** Whether the step is part of a run of the project that is listed; a project may have a name and a number. */
function isOfProject(query, home) {
    const { within } = query.target.list;
    return (home?.self ?? []).some((ids) => within.every((name) => ids[name]?.toLowerCase() === query.ids[name]?.toLowerCase()));
}
function secondLookAt(listed, wanted) {
    const untold = new Set([notInReply]);
    return {
        noLongerMatches: (body) => {
            const spared = stillWanted(listed, body, wanted);
            if (spared?.untold)
                untold.add(spared.why);
            return spared?.why;
        },
        isUntold: (why) => untold.has(why),
    };
}
/** Lists, and says of every run whether it is chosen, and why not. `query` is the run without its last id. Throws `HttpError`. */
async function selectRuns(query, tools) {
    const wanted = await want(query, tools);
    let sifted = await sift(query, wanted, tools);
    let lacks = await lackedBy(sifted, query, wanted, tools);
    for (const pause of pausesForStaleList) {
        if (lacks === undefined || chosenOf(sifted.choices).length > 0)
            break;
        await tools.rest(pause);
        sifted = await sift(query, wanted, tools);
        if (sifted.cut !== undefined || sifted.choices.some(({ candidate }) => candidate.id === lacks))
            lacks = undefined;
    }
    return { ...sifted, wanted, lacks };
}
const chosenOf = (choices) => choices.filter(({ spared }) => spared === undefined).map(({ candidate }) => candidate);
async function sift(query, wanted, tools) {
    const { session, sending, selection, self } = tools;
    const { listed, cut } = await listRuns(query, session, {
        ...wanted,
        searches: wanted.instead ? [{}] : searches(query, wanted),
        sending: { ...sending, learned: asked(selection) },
    });
    const ownRun = tools.own && sibling(query, query.targetName, tools.own);
    const ownKey = ownRun && runKey(ownRun);
    let choices = listed.map((candidate) => ({ candidate, spared: spare(candidate, wanted) }));
    const spareAlso = async (why) => {
        choices = await mapConcurrently(choices, async ({ candidate, spared }) => ({
            candidate,
            spared: spared ?? (await why(candidate)),
        }));
    };
    if (selection.orphaned)
        await spareAlso(await unlessOrphaned(query, chosenOf(choices), tools));
    await spareAlso(await ofAnotherPullRequest(query, wanted, chosenOf(choices), tools));
    await spareAlso(await forTag(query, wanted, chosenOf(choices), tools));
    await spareAlso(({ run }) => byJobs(run, selection, session, sending));
    const kept = newest(chosenOf(choices), wanted);
    await spareAlso(({ key }) => {
        if (!self && key === ownKey)
            return unlike("this step is part of it", "this step's own");
        return kept.get(key);
    });
    if (!self && tools.nested && ownRun)
        await spareAlso(({ run }) => asAncestor(run, ownRun, tools));
    return { choices, cut };
}
/** Our own run's id, if it is one of those selected, and the list should have it and has not: then it may lack others, too. */
async function lackedBy({ choices, cut }, query, wanted, tools) {
    const { own: ids, ownIsHere, selection, warn } = tools;
    if (!ids || !ownIsHere || cut !== undefined || wanted.instead)
        return undefined;
    const run = sibling(query, query.targetName, ids);
    if (choices.some(({ candidate }) => candidate.key === runKey(run)))
        return undefined;
    // Where runs were found, it is not worth a request.
    if (wanted.own === undefined && chosenOf(choices).length > 0)
        return undefined;
    try {
        const own = wanted.own ?? (await lookAtOwn(run, tools));
        const { unlistedEvents = [] } = query.target.list;
        const { event } = own;
        const isListed = event === undefined || !unlistedEvents.includes(event) || (selection.event && accepts(selection.event, [event]));
        return isListed && spare(own, wanted) === undefined ? own.id : undefined;
    }
    catch (error) {
        if (!(error instanceof HttpError) || error.kind === "aborted" || error.kind === "deadline")
            throw error;
        warn(`it is unclear whether the list is up to date: it lacks this step's own run, and ${error.message}`);
        return undefined;
    }
}
async function lookAtOwn(run, { session, sending }) {
    const answer = await session.send(run, run.target.look, { ...sending, changes: false });
    if (answer.kind !== "ok")
        throw refused("the run of this step", answer);
    const own = readItem(run, answer.reply.body);
    if (own === undefined)
        throw new HttpError("protocol", "a look at the run of this step does not show it", false);
    return own;
}
/** Judges a run again by what a look has shown. What a run is for does not change; a vendor's look may not say all that its list does. */
function stillWanted({ run, ...listed }, body, wanted) {
    const seen = readItem(run, body);
    if (!seen || seen.id !== lastId(run))
        return untold(notInReply);
    return spare({
        ...seen,
        // Where the list is of several places, it is the place that says it.
        branch: (run.target.list.ids && listed.branch) ?? seen.branch ?? listed.branch,
        commit: seen.commit ?? listed.commit,
        tree: seen.tree ?? listed.tree,
        event: seen.event ?? listed.event,
        workflows: seen.workflows.length > 0 ? seen.workflows : listed.workflows,
        headRepository: seen.headRepository ?? listed.headRepository,
        headRepositoryName: seen.headRepositoryName ?? listed.headRepositoryName,
        pullRequest: seen.pullRequest ?? listed.pullRequest,
        isTag: seen.isTag ?? listed.isTag,
    }, wanted);
}
async function want(query, tools) {
    const { session, sending, selection, now } = tools;
    const own = await ownOf(query, tools);
    const { branch, olderThan } = selection;
    const before = olderThan === undefined ? undefined : now - olderThan;
    const plain = { selection, branch, headRepository: undefined, label: undefined, before, own, instead: undefined };
    const { pullRequest } = query.target.list;
    // Without a way to find them every run says itself which one it is for.
    if (selection.pullRequest === undefined || pullRequest === undefined)
        return plain;
    if ("ids" in pullRequest)
        return { ...plain, instead: pullRequest };
    const what = `pull request ${selection.pullRequest}`;
    const answer = await session.send(query, pullRequest, { ...sending, learned: asked(selection), changes: false });
    if (answer.kind !== "ok")
        throw refused(what, answer);
    const { body } = answer.reply;
    const head = listing_textOf(pullRequest.branch, body);
    const headRepository = listing_textOf(pullRequest.headRepository, body);
    if (head === undefined || headRepository === undefined)
        throw new HttpError("protocol", `${what}: its fork is gone, so its runs cannot be told apart from others`, false);
    const label = pullRequest.label && listing_textOf(pullRequest.label, body);
    return { ...plain, branch: { wanted: [head], excluded: [] }, headRepository, label };
}
/** What the route of a pull request takes. */
const asked = ({ pullRequest }) => (pullRequest === undefined ? {} : { "pull-request": pullRequest });
/** Our own run, if the others are to be compared with it. */
async function ownOf(query, { session, sending, selection, own }) {
    const { olderThanThis, keepNewest } = selection;
    if (own === undefined || !(olderThanThis || keepNewest > 0))
        return undefined;
    const candidate = await lookAtOwn(sibling(query, query.targetName, own), { session, sending });
    if (olderThanThis && candidate.started === undefined)
        throw new HttpError("protocol", "it is unclear when the run of this step began, so none is older", false);
    return candidate;
}
function refused(what, { kind, said }) {
    return new HttpError(kind === "denied" ? "denied" : "protocol", `${what}: ${said}`, false);
}
/** What to ask the server for, one search after the other. */
function searches(query, { selection, branch }) {
    const { filters, unlistedEvents = [] } = query.target.list;
    const ask = (filter, value) => inQuery(filters[filter], value);
    const one = (terms) => terms && literal(terms);
    const { event, states } = selection;
    const commit = one(selection.commit);
    const base = {
        ...ask("branch", one(branch)),
        ...ask("pull-request", selection.pullRequest),
        ...ask("commit", commit !== undefined && commit.length >= 40 ? commit : undefined),
        ...ask("workflow", one(selection.workflow)),
    };
    const events = one(event) === undefined
        ? [undefined, ...unlistedEvents.filter((name) => event && accepts(event, [name]))]
        : [one(event)];
    const words = query.liveWords.filter((word) => states.includes(wordState(query, word)));
    return events.flatMap((name) => (filters.state === undefined ? [undefined] : words).map((word) => ({
        ...base,
        ...ask("event", name),
        ...ask("state", word),
    })));
}
/** `filter` is a parameter, or a parameter with what stands around its value: `ref=refs/heads/{value}`. */
function inQuery(filter, value) {
    if (filter === undefined || value === undefined)
        return {};
    const [parameter = "", around = "{value}"] = filter.split("=");
    return { [parameter]: around.replace("{value}", () => value) };
}
/** Why a run is not one of those asked for; undefined when it is. What it is surely not weighs more than what cannot be told. */
function spare(candidate, wanted) {
    const reasons = criteria.flatMap((criterion) => criterion(candidate, wanted) ?? []);
    return reasons.find((reason) => !reason.untold) ?? reasons[0];
}
const criteria = [
    byState,
    byBranch,
    byRepository,
    byPullRequest,
    byCommit,
    byWorkflow,
    byEvent,
    byAge,
    byOwnStart,
];
const selection_shown = (text) => (0,src_text/* oneLine */.TN)(text, 120);
function byState({ state, word }, { selection }) {
    if (selection.states.includes(state))
        return undefined;
    return state === "unknown" ? untold(`"${word}" is a state we do not know`) : unlike(`it is ${state}`, state);
}
function byBranch(candidate, { selection, branch: terms }) {
    const { branch, pullRequest, isTag, run } = candidate;
    if (terms === undefined)
        return undefined;
    if (isTag === true)
        return unlike("it is for a tag", "for a tag");
    const { otherRefs } = run.target.list;
    const isOther = branch !== undefined && otherRefs !== undefined && matches(otherRefs, branch);
    if (isOther || (branch === undefined && pullRequest !== undefined)) {
        // The branch of its pull request is asked about later.
        if (selection.orphaned && pullRequest !== undefined && acceptsAll(terms))
            return undefined;
        return unlike(`it is for ${selection_shown(branch ?? `pull request ${pullRequest ?? ""}`)}, which is no branch`, "for no branch");
    }
    if (branch === undefined)
        return untold("its branch is not known");
    return accepts(terms, [branch]) ? undefined : unlike(`its branch is ${selection_shown(branch)}`, "of another branch");
}
function byRepository(candidate, { selection, branch, headRepository }) {
    const { item } = candidate.run.target.list;
    const terms = selection.headRepository;
    if (terms !== undefined) {
        const { headRepositoryName: name } = candidate;
        if (acceptsAll(terms))
            return undefined;
        if (name === undefined)
            return untold("its fork is gone, so it is unclear whose branch it is");
        if (!accepts(terms, [name], isSameRepository))
            return unlike(`its branch is in ${selection_shown(name)}`, "of a branch in another repository");
        return undefined;
    }
    if (item.headRepository === undefined || (branch === undefined && !selection.orphaned))
        return undefined;
    if (candidate.headRepository === undefined)
        return untold("its fork is gone, so it is unclear whose branch it is");
    if (candidate.headRepository !== (headRepository ?? candidate.repository))
        return unlike("its branch is in another repository", "of a branch of that name in another repository");
    return undefined;
}
function byPullRequest({ run, pullRequest }, { selection }) {
    if (selection.pullRequest === undefined || run.target.list.pullRequest !== undefined)
        return undefined;
    if (pullRequest === undefined)
        return unlike("it does not say which pull request it is for", "for no pull request");
    if (pullRequest === selection.pullRequest)
        return undefined;
    return unlike(`it is for pull request ${selection_shown(pullRequest)}`, "for another pull request");
}
function byCommit({ commit: name, tree }, { selection: { commit: terms } }) {
    if (terms === undefined || acceptsAll(terms))
        return undefined;
    const commit = name?.toLowerCase();
    // A build that is to begin at `HEAD` has none yet.
    if (commit === undefined || !matches(/[0-9a-f]{7,64}/, commit))
        return untold("its commit is not known");
    if (accepts(terms, tree === undefined ? [commit] : [commit, tree], isSameCommit))
        return undefined;
    return unlike(`its commit is ${selection_shown(commit.slice(0, 12))}`, "of another commit");
}
function byWorkflow({ workflows }, { selection: { workflow: terms } }) {
    if (terms === undefined || acceptsAll(terms))
        return undefined;
    if (workflows[0] === undefined)
        return untold("its workflow is not known");
    return accepts(terms, workflows)
        ? undefined
        : unlike(`its workflow is ${selection_shown(workflows[0])}`, "of another workflow");
}
function byEvent({ event }, { selection: { event: terms } }) {
    if (terms === undefined || acceptsAll(terms))
        return undefined;
    if (event === undefined)
        return untold("its event is not known");
    return accepts(terms, [event]) ? undefined : unlike(`its event is ${selection_shown(event)}`, "of another event");
}
function byAge({ started }, { before }) {
    if (before === undefined)
        return undefined;
    if (started === undefined)
        return untold("it is not known when it began");
    return started < before ? undefined : unlike(`it began at ${new Date(started).toISOString()}`, "not old enough");
}
function byOwnStart(candidate, { selection, own }) {
    if (!selection.olderThanThis || !own || candidate.key === own.key)
        return undefined;
    if (candidate.started === undefined)
        return untold("it is not known when it began");
    if (beganBefore(candidate, own))
        return undefined;
    return unlike("it did not begin before the run of this step", "not older than this step's own");
}
const beganBefore = (one, other) => one.started !== undefined && byStart(one, other) < 0;
/** Oldest first. Where two have begun in the same second, the lower id is the older one. */
function byStart(a, b) {
    return (a.started ?? 0) - (b.started ?? 0) || byId(a, b);
}
/** What has not begun has no time at some vendors, but it was not there before those with a lower id. */
function byId(a, b) {
    return a.id.length - b.id.length || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
const goOn = () => undefined;
/** What was asked once for each of the names. */
async function askEach(names, ask) {
    const each = [...new Set(names)];
    const answers = await mapConcurrently(each, ask);
    return new Map(each.map((name, index) => [name, answers[index]]));
}
/** Whether a run is a tag's, for runs that look like a branch's: a tag may have its name. */
async function forTag(query, { branch: terms, selection }, chosen, { session, sending }) {
    const { tags, filters } = query.target.list;
    // A filter that says what stands around the name is for branches alone.
    const isFiltered = terms !== undefined && literal(terms) !== undefined && filters.branch?.includes("=");
    if ((terms === undefined && !selection.orphaned) || tags?.named === undefined || isFiltered)
        return goOn;
    const { is, named, branchNamed, exceptEvents } = tags;
    const mayBeTag = ({ branch, isTag, event = "", pullRequest }) => branch !== undefined &&
        isTag === undefined &&
        pullRequest === undefined &&
        !(exceptEvents && matches(exceptEvents, event));
    const isThere = async (call, branch, what) => {
        const answer = await session.send(query, call, { ...sending, learned: { branch }, changes: false });
        if (answer.kind === "not-found")
            return false;
        // Where a look tells, it is asked.
        if (answer.kind !== "ok" && is === undefined)
            throw refused(`whether ${(0,src_text/* oneLine */.TN)(branch, 120)} is also the name of a ${what}`, answer);
        return true;
    };
    const names = chosen.filter(mayBeTag).map(({ branch }) => branch);
    const asTag = await askEach(names, (name) => isThere(named, name, "tag"));
    const ambiguous = is === undefined ? names.filter((name) => asTag.get(name)) : [];
    // Of an orphan it is known that no branch has the name.
    const asBranch = await askEach(ambiguous, async (name) => selection.orphaned ? false : branchNamed === undefined || (await isThere(branchNamed, name, "branch")));
    return async (candidate) => {
        if (!mayBeTag(candidate) || !asTag.get(candidate.branch))
            return undefined;
        if (is === undefined)
            return asBranch.get(candidate.branch)
                ? untold("a tag has the name of its branch, and it may be the tag's")
                : unlike("it is for a tag", "for a tag");
        const { run } = candidate;
        const seen = await session.send(run, run.target.look, { ...sending, changes: false });
        const isTag = seen.kind === "ok" ? holds(is, seen.reply.body) : undefined;
        if (isTag === undefined)
            return untold("it is unclear whether it is for a tag");
        return isTag ? unlike("it is for a tag", "for a tag") : undefined;
    };
}
function readPullRequest(list, item) {
    const number = listing_textOf(list.number, item);
    const branch = listing_textOf(list.branch, item);
    if (number === undefined || branch === undefined)
        return undefined;
    return { number, branch, headRepository: listing_textOf(list.headRepository, item) };
}
/** Whether it is the branch of that pull request that the run is of. */
const isHeadOf = ({ branch, headRepository, repository }, head) => head.branch === branch && head.headRepository === (headRepository ?? repository);
/** Runs of a branch from which another pull request is open, too: they are that one's as well. */
async function ofAnotherPullRequest(query, { selection: { pullRequest }, label: head }, chosen, { session, sending }) {
    const { openPullRequests: open } = query.target.list;
    const unsaid = chosen.filter((candidate) => candidate.pullRequest === undefined);
    if (pullRequest === undefined || open === undefined || unsaid.length === 0)
        return goOn;
    const names = head === undefined ? unsaid.flatMap(({ branch }) => branch ?? []) : [head];
    const others = [
        ...(await askEach(names, (name) => wholeList(query, open, session, sending, (item) => readPullRequest(open, item), inQuery(open.filter, name)))).values(),
    ]
        .flat()
        .filter(({ number }) => number !== pullRequest);
    return (candidate) => {
        const other = candidate.pullRequest === undefined && others.find((one) => isHeadOf(candidate, one));
        return other ? untold(`pull request ${selection_shown(other.number)} is open from the same branch`) : undefined;
    };
}
/** Why a run is no orphan. The runs were listed first: a branch that was made meanwhile is there. */
async function unlessOrphaned(query, chosen, tools) {
    const { session, sending } = tools;
    const { branches, openPullRequests } = query.target.list;
    if (branches === undefined || openPullRequests === undefined || chosen.length === 0)
        return goOn;
    const { one } = openPullRequests;
    const isForPullRequest = ({ pullRequest, event = "" }) => pullRequest !== undefined || (openPullRequests.events !== undefined && matches(openPullRequests.events, event));
    const some = (isAsked, ask) => (isAsked ? ask() : Promise.resolve([]));
    const [names, open] = await Promise.all([
        some(!chosen.every(isForPullRequest), () => whole("branches", wholeList(query, branches, session, sending, (item) => listing_textOf(branches.name, item)))),
        some(chosen.some(isForPullRequest), () => wholeOrEmpty("open pull requests", wholeList(query, openPullRequests, session, sending, (item) => readPullRequest(openPullRequests, item)))),
    ]);
    const living = new Set(names);
    return async (candidate) => {
        const { branch, pullRequest, repository } = candidate;
        if (!isForPullRequest(candidate)) {
            if (branch === undefined)
                return untold("its branch is not known");
            return living.has(branch) ? unlike("its branch is there", "of a branch that is there") : undefined;
        }
        const isOpen = open.some((head) => pullRequest === undefined ? isHeadOf(candidate, head) : head.number === pullRequest);
        if (isOpen)
            return unlike("its pull request is open", "of an open pull request");
        if (pullRequest === undefined || one === undefined)
            return undefined;
        const answer = await session.send(query, one, {
            ...sending,
            learned: { "pull-request": pullRequest },
            changes: false,
        });
        const head = answer.kind === "ok" ? listing_textOf(openPullRequests.headRepository, answer.reply.body) : undefined;
        if (head === undefined)
            return untold(`it is unclear whether pull request ${selection_shown(pullRequest)} is from a fork`);
        return head === repository ? undefined : unlike("its branch is in another repository", "of a fork");
    };
}
/** A list by which what is missing counts as gone: one that cannot be read is no reason to cancel, whatever it is answered. */
async function wholeOrEmpty(what, list) {
    try {
        return await list;
    }
    catch (error) {
        if (!(error instanceof HttpError) || error.kind === "aborted" || error.kind === "deadline")
            throw error;
        throw new HttpError("protocol", `the ${what} could not be listed: ${error.message}`, false);
    }
}
async function whole(what, list) {
    const all = await wholeOrEmpty(what, list);
    if (all.length === 0)
        throw new HttpError("protocol", `the list of ${what} is empty, so none is known to be gone`, false);
    return all;
}
/** The newest of each workflow, branch and event, and why they are spared: ours counts. */
function newest(chosen, { selection: { keepNewest }, own }) {
    const kept = new Map();
    if (keepNewest === 0)
        return kept;
    const groups = new Map();
    for (const candidate of new Map([...chosen, ...(own ? [own] : [])].map((one) => [one.key, one])).values()) {
        const { workflows, repository, headRepository, branch, pullRequest, event } = candidate;
        const name = JSON.stringify([workflows[0], repository, headRepository, branch, pullRequest, event]);
        const group = groups.get(name);
        if (group)
            group.push(candidate);
        else
            groups.set(name, [candidate]);
    }
    for (const group of groups.values()) {
        const order = group.every(({ started }) => started !== undefined) ? byStart : byId;
        for (const { key } of group.sort(order).slice(-keepNewest))
            kept.set(key, unlike(`one of the newest ${keepNewest}`, `among the newest ${keepNewest}`));
    }
    return kept;
}
async function byJobs(run, { withJob, withFailedJob }, session, sending) {
    if (withJob === undefined && withFailedJob === undefined)
        return undefined;
    const jobs = await jobsOf(run, session, sending);
    if (withJob !== undefined && !jobs.some(({ name }) => globMatches(withJob, name)))
        return unlike(`it has no job ${withJob}`, `without a job ${withJob}`);
    if (withFailedJob === undefined)
        return undefined;
    const states = jobs.filter(({ name }) => globMatches(withFailedJob, name)).map(({ state }) => state);
    if (states.includes("failed"))
        return undefined;
    if (states.includes("unknown"))
        return untold(`its job ${withFailedJob} is in a state we do not know`);
    return unlike(`no job ${withFailedJob} of it has failed`, `without a failed job ${withFailedJob}`);
}
/** Why a run is not to be cancelled from within what it has started. */
async function asAncestor(run, own, tools) {
    try {
        return (await hasStarted(run, own, tools, new Set()))
            ? unlike("it started the run that this step is part of", "that started this step's own")
            : undefined;
    }
    catch (error) {
        if (!(error instanceof HttpError) || error.kind === "aborted" || error.kind === "deadline")
            throw error;
        return untold(`it is unclear whether it started the run that this step is part of: ${error.message}`);
    }
}
/** Whether `run`, or something that it started, has started `other`. */
async function hasStarted(run, other, tools, seen) {
    const key = Object.values(run.ids).join(" ");
    if (seen.has(key) || !run.target.downstream)
        return false;
    seen.add(key);
    for (const child of (await downstreamOf(run, tools.session, tools.sending)).started) {
        if (child.targetName === other.targetName && lastId(child) === lastId(other))
            return true;
        if (await hasStarted(child, other, tools, seen))
            return true;
    }
    return false;
}
/** So many at a time; the results in the order of the items. */
async function mapConcurrently(items, work) {
    const done = [];
    for (let at = 0; at < items.length; at += concurrency)
        done.push(...(await Promise.all(items.slice(at, at + concurrency).map(work))));
    return done;
}

;// CONCATENATED MODULE: ./lib/src/engine/trace.js

/** A header by which a vendor's support finds a request, and one that says what is left of a limit: each vendor has its own prefix. */
const requestId = /(?:^|-)request-?id$/;
const remaining = /(?:^|-)ratelimit-remaining$/;
/** Tells of each request where `debug` is wanted. */
const traceTo = (debug) => debug &&
    ((traced) => {
        debug(traceLine(traced));
    });
/** What was sent and what came, without anything that may be secret: no query, no header of ours, no body. */
function traceLine({ method, url, attempt, ms, came }) {
    const address = `${url.origin}${url.pathname}${url.search ? "?…" : ""}`;
    const took = `${Math.round(ms)} ms, attempt ${attempt}`;
    const line = `${method} ${(0,src_text/* oneLine */.TN)(address, 500)}:`;
    if (typeof came === "string")
        return `${line} ${(0,src_text/* oneLine */.TN)(came, 60)}, ${took}`;
    const [id, left] = [requestId, remaining].map((pattern) => Object.entries(came.headers).find(([name]) => pattern.test((0,src_text/* head */.d5)(name)))?.[1]);
    const more = [id && `request id ${(0,src_text/* oneLine */.TN)(id, 80)}`, left && `${(0,src_text/* oneLine */.TN)(left, 20)} requests left`].filter(Boolean);
    return [`${line} ${came.status}`, took, ...more].join(", ");
}

;// CONCATENATED MODULE: ./lib/src/engine/server-version.js
/** Asks a server which provider's it is. */




/** Our own job is being killed before the server has said which it is. Nothing that changes anything has been sent. */
class Interrupted extends Error {
}
/** Asks the server which provider's it is. Rejects with `UsageError` when it does not say, with `Interrupted` when there is no time to. */
async function identify({ server, keys, message }, { providers, clock, transport, interrupted }, deadline, debug) {
    const client = createClient(transport, clock, traceTo(debug));
    const cannot = (why) => new usage_UsageError(`${message} (${why})`);
    const asking = keys.flatMap((key) => {
        const version = providers.get(key)?.server.version;
        return version ? [{ key, version }] : [];
    });
    const others = keys.filter((key) => !asking.some((one) => one.key === key));
    for (const path of new Set(asking.map(({ version }) => version.path))) {
        const reply = await ask(new URL(server + path), client, deadline, interrupted);
        if (typeof reply === "string" && interrupted.aborted)
            throw new Interrupted(`interrupted before ${new URL(server).host} said which system it is; nothing was cancelled`);
        if (typeof reply === "string")
            throw cannot(reply);
        const found = asking.find(({ version }) => {
            const said = version.path === path ? pick(version.at, reply.body) : undefined;
            return typeof said === "string" && matches(version.is, said);
        });
        if (found)
            return found.key;
        if (reply.status !== 404 && !isPage(reply))
            throw cannot(`${new URL(server).host} answered ${reply.status} when asked for its version`);
    }
    const [other] = others;
    if (other === undefined || others.length > 1)
        throw cannot(`${new URL(server).host} does not say which it is`);
    return other;
}
/** A page for people, a login for one. */
const isPage = ({ status, body }) => status === 200 && body === undefined;
/** As text: why there is no answer. */
async function ask(url, client, deadline, signal) {
    try {
        return await client.send({ method: "GET", url, headers: {} }, { deadline, signal, interrupted: signal });
    }
    catch (error) {
        if (!(error instanceof HttpError))
            throw error;
        return error.kind === "protocol" ? { status: 200, headers: {}, body: undefined } : error.message;
    }
}

// EXTERNAL MODULE: external "node:events"
var external_node_events_ = __nccwpck_require__(6093);
;// CONCATENATED MODULE: ./lib/src/http/lane.js
/** Requests under way at one server. */
const maxRequests = 16;
/**
 * Who goes first where there is not room for all: what is under way, and keeps its place until it is done; what belongs to a cancel
 * whose turn has come; who waits for such a turn; looks that may lead to a cancel; and last those at runs that have been asked to stop.
 */
const ranks = ["under-way", "due", "turn", "look", "watch"];
/** What is kept for a change whose turn has come and that is not sent is free again after so many ms. */
const turnLasts = 10_000;
class Lane {
    #clock;
    #budget;
    #queues = {
        "under-way": [],
        due: [],
        turn: [],
        look: [],
        watch: [],
    };
    #signals = new WeakSet();
    #busy = 0;
    /** Half of what a window may have is there at once, and the other half comes back in the time of a window: so no window gets more. */
    #points;
    #countedAt = 0;
    /** When each of the turns that have been given and not used ends. */
    #turns = [];
    #heldUntil = -Infinity;
    #alarm;
    #quota;
    constructor(clock, budget) {
        this.#clock = clock;
        this.#budget = budget;
        this.#points = this.#burst;
    }
    /** Resolves when one change may be sent, at the deadline at the latest. A turn that nobody uses goes by. */
    async turn(waiting = {}) {
        await new Promise((start) => {
            this.#add({ ...this.#waiter({ ...waiting, changes: true }, start), kind: "turn" }, "turn");
        });
    }
    /** Runs `work` when there is room for it. */
    async run(work, waiting = {}) {
        await new Promise((start) => {
            this.#add({ ...this.#waiter(waiting, start), takesPlace: true }, waiting.rank ?? "look");
        });
        try {
            return await work();
        }
        finally {
            this.#busy--;
            this.#dispatch();
        }
    }
    /** Resolves when what is under way already may send one more request. */
    async again(waiting = {}) {
        await new Promise((start) => {
            // The turn, if it had one, was for the first.
            this.#add({ ...this.#waiter(waiting, start), kind: "request" }, "under-way");
        });
    }
    /** The server has asked for so many ms without requests: nobody need hear it twice. */
    hold(ms) {
        this.#heldUntil = Math.max(this.#heldUntil, this.#clock.now() + ms);
    }
    /** Until when nothing may be asked. */
    get heldUntil() {
        return this.#heldUntil;
    }
    /** What the server last said to be left of its limit; undefined where it did not, or the limit has been reset since. */
    get quota() {
        return this.#quota && this.#quota.resetsAt > this.#clock.now() ? this.#quota : undefined;
    }
    set quota(quota) {
        this.#quota = quota;
    }
    get #burst() {
        return (this.#budget?.points ?? 0) / 2;
    }
    /** Points per ms. */
    get #refill() {
        return this.#burst / ((this.#budget?.seconds ?? 1) * 1000);
    }
    #cost(changes) {
        return changes ? (this.#budget?.change ?? 1) : 1;
    }
    #waiter({ changes = false, deadline = Infinity, signal }, start) {
        return {
            cost: this.#cost(changes),
            takesPlace: false,
            kind: changes ? "change" : "request",
            deadline,
            signal,
            start,
        };
    }
    #add(waiter, rank) {
        const { signal } = waiter;
        this.#queues[rank].push(waiter);
        this.#dispatch();
        if (signal === undefined || signal.aborted || this.#signals.has(signal))
            return;
        this.#signals.add(signal);
        signal.addEventListener("abort", () => this.#hurry(), { once: true });
    }
    /** Those who wait no longer come first. */
    #hurry() {
        const order = ({ signal }) => (signal?.aborted ? 0 : 1);
        for (const queue of Object.values(this.#queues))
            queue.sort((one, other) => order(one) - order(other));
        this.#dispatch();
    }
    #dispatch() {
        this.#count();
        const now = this.#clock.now();
        let opensAt = Infinity;
        for (const rank of ranks) {
            const queue = this.#queues[rank];
            for (let first = queue[0]; first !== undefined; first = queue[0]) {
                if (first.takesPlace && this.#busy >= maxRequests)
                    break;
                // Who comes later and costs less does not go first: it would go on like that.
                const isBehind = opensAt < Infinity;
                const at = this.#waitsNoLonger(first, now) ? now : isBehind ? Infinity : this.#opensAt(first, rank, now);
                if (at > now) {
                    opensAt = Math.min(opensAt, at);
                    break;
                }
                queue.shift();
                this.#admit(first);
            }
        }
        this.#wakeAt(opensAt);
    }
    #admit({ cost, takesPlace, kind, start }) {
        if (kind === "turn")
            this.#turns.push(this.#clock.now() + turnLasts);
        else
            this.#points -= cost;
        if (kind === "change")
            this.#turns.shift();
        if (takesPlace)
            this.#busy++;
        start();
    }
    #waitsNoLonger({ signal, deadline }, now) {
        return signal?.aborted === true || deadline <= Math.max(now, this.#heldUntil);
    }
    /** When it may be admitted, as far as can be told by now. */
    #opensAt({ cost, deadline }, rank, now) {
        if (this.#heldUntil > now)
            return Math.min(this.#heldUntil, deadline);
        if (this.#budget === undefined)
            return now;
        const kept = rank === "under-way" || rank === "due" ? 0 : this.#turns.length * this.#cost(true);
        const missing = cost + kept - this.#points;
        if (missing <= 0)
            return now;
        const refilled = now + missing / this.#refill;
        return Math.min(refilled, deadline, kept > 0 ? this.#turns[0] : Infinity);
    }
    #count() {
        const now = this.#clock.now();
        this.#points = Math.min(this.#burst, this.#points + (now - this.#countedAt) * this.#refill);
        this.#countedAt = now;
        while (this.#turns.length > 0 && this.#turns[0] <= now)
            this.#turns.shift();
    }
    #wakeAt(at) {
        if (this.#alarm?.at === at)
            return;
        this.#alarm?.off.abort();
        this.#alarm = undefined;
        if (at === Infinity)
            return;
        const off = new AbortController();
        this.#alarm = { at, off };
        // Whole milliseconds: a fraction may be too little for the time to change.
        void this.#clock.sleep(Math.ceil(at - this.#clock.now()), off.signal).then(() => {
            if (off.signal.aborted)
                return;
            this.#alarm = undefined;
            this.#dispatch();
        });
    }
}

// EXTERNAL MODULE: ./lib/src/auth/cookies.js
var cookies = __nccwpck_require__(7542);
;// CONCATENATED MODULE: ./lib/src/auth/index.js

const loaders = {
    "aws-signature": async () => (await Promise.resolve(/* import() eager */).then(__nccwpck_require__.bind(__nccwpck_require__, 4635))).awsSignature,
    basic: async () => (await Promise.resolve(/* import() eager */).then(__nccwpck_require__.bind(__nccwpck_require__, 3099))).basic,
    "basic-pair": async () => (await Promise.resolve(/* import() eager */).then(__nccwpck_require__.bind(__nccwpck_require__, 3099))).basicPair,
    "basic-token": async () => (await Promise.resolve(/* import() eager */).then(__nccwpck_require__.bind(__nccwpck_require__, 3099))).basic,
    bearer: async () => (await Promise.resolve(/* import() eager */).then(__nccwpck_require__.bind(__nccwpck_require__, 1328))).bearer,
    "google-credentials": async () => (await Promise.resolve(/* import() eager */).then(__nccwpck_require__.bind(__nccwpck_require__, 4641))).googleCredentials,
    header: async () => (await Promise.resolve(/* import() eager */).then(__nccwpck_require__.bind(__nccwpck_require__, 3684))).header,
    "huawei-password": async () => (await Promise.resolve(/* import() eager */).then(__nccwpck_require__.bind(__nccwpck_require__, 9152))).huaweiPassword,
    "huawei-signature": async () => (await Promise.resolve(/* import() eager */).then(__nccwpck_require__.bind(__nccwpck_require__, 3051))).huaweiSignature,
    "huawei-token": async () => (await Promise.resolve(/* import() eager */).then(__nccwpck_require__.bind(__nccwpck_require__, 7976))).huaweiToken,
    none: async () => (await Promise.resolve(/* import() eager */).then(__nccwpck_require__.bind(__nccwpck_require__, 4411))).none,
    "password-token": async () => (await Promise.resolve(/* import() eager */).then(__nccwpck_require__.bind(__nccwpck_require__, 4604))).passwordToken,
    "session-cookie": async () => (await Promise.resolve(/* import() eager */).then(__nccwpck_require__.bind(__nccwpck_require__, 1132))).sessionCookie,
    "token-as-password": async () => (await Promise.resolve(/* import() eager */).then(__nccwpck_require__.bind(__nccwpck_require__, 3099))).basic,
};

;// CONCATENATED MODULE: ./lib/src/engine/reply.js
/** What a reply means, before any look. */



/** `asked` is not known of a reply that a provider's function hands on. */
function classify(reply, call, provider, asked) {
    const { errors } = provider;
    const code = pick(errors?.code, reply.body);
    const kind = reply_kindOf(reply, call, errors, code, asked);
    return {
        kind,
        reply,
        said: reply_inWords(kind, reply, call, provider, code, asked),
        since: call?.since,
        ...(asked && { address: asked.url.origin + asked.url.pathname }),
        withReason: call !== undefined && !isOneOf(errors?.already, code) && carriesReason(call, reply),
        ...(call?.refusedStatus?.includes(reply.status) && { isAnswer: true }),
    };
}
/** A code says more than a status: in a 2xx it is a failure, in a 4xx it may say that the run is being stopped already. */
function reply_kindOf(reply, call, errors, code, asked) {
    const { status, html } = reply;
    if (isOneOf(errors?.notFound, code))
        return "not-found";
    if (status === 401 || status === 403 || call?.deniedStatus?.includes(status))
        return "denied";
    if (isOneOf(errors?.denied, code))
        return "denied";
    if (isOneOf(errors?.already, code))
        return "ok";
    if (status >= 200 && status < 300 && holds(call?.notFoundWhen, reply.body) === true)
        return "not-found";
    if (asked && isRedirect(status) && call?.okStatus?.includes(status))
        return redirectKind(reply, call, asked);
    if (isNormal(status, call) && code === undefined && isAccepted(reply, call))
        return "ok";
    // A page in place of the vendor's data is not about the run.
    return status === 404 && (html === undefined || errors?.htmlNotFound) ? "not-found" : "refused";
}
const isOneOf = (codes, code) => code !== undefined && codes?.test((0,src_text/* head */.d5)(`${code}`)) === true;
const isNormal = (status, call) => (status >= 200 && status < 300) || call?.okStatus?.includes(status) === true;
const isRedirect = (status) => status >= 300 && status < 400;
/** A redirect is taken for an answer only if it leads to where the vendor's does. */
function redirectKind({ headers }, call, { url, server }) {
    const location = headers["location"] ?? "";
    if (!URL.canParse(location, url.href))
        return "refused";
    const to = new URL(location, url);
    // Only paths are compared: behind a proxy a server may not know its own scheme, host and port. A page elsewhere that
    // has this very path by chance would do no harm, because a look decides.
    if (call.okLocation === "parent") {
        if (pathOf(to) === pathOf(new URL(".", url)))
            return "ok";
        return isLogin(location, url) ? "denied" : "refused";
    }
    if (isLogin(location, url))
        return "denied";
    const home = new URL(server);
    return to.host === home.host && `${pathOf(to)}/`.startsWith(`${pathOf(home)}/`) ? "ok" : "refused";
}
/** However it is percent-encoded, and without a slash at its end. */
function pathOf({ pathname }) {
    const path = pathname.replace(/\/$/, "");
    try {
        return decodeURI(path);
    }
    catch {
        return path;
    }
}
function isAccepted({ body }, call) {
    if (call?.okWhen === undefined || body === undefined)
        return true;
    return holds(call.okWhen, body) === true;
}
const carriesReason = ({ route, headers, body, form, reasonWhen }, reply) => JSON.stringify([route, headers, body, form]).includes("{reason") &&
    (reasonWhen === undefined || holds(reasonWhen, reply.body) === true);
/** The status, the vendor's code and the vendor's words, each once, and what is to be known of where they come from. */
function reply_inWords(kind, reply, call, { name, errors }, code, asked) {
    const { status, headers, html } = reply;
    const text = (words(reply, errors) || (call?.statusWords?.[status] ?? "")).replace(/\.$/, "");
    const known = code === undefined || text.includes(`${code}`) ? text : [`${code}`, text].filter(Boolean).join(": ");
    const said = known.startsWith(`${status}`) ? known : [`${status}`, known].filter(Boolean).join(": ");
    if (isRedirect(status) && kind !== "ok") {
        const where = (0,src_text/* oneLine */.TN)(headers["location"] ?? "", 150) || "nowhere";
        return kind === "denied" ? `${said}: it leads to a login page, ${where}` : `${said}: it leads to ${where}`;
    }
    const needs = kind === "denied" ? (0,src_text/* oneLine */.TN)(headers[errors?.needsHeader ?? ""] ?? "", 200) : "";
    if (needs)
        return `${said}; it takes ${needs}`;
    const proxy = proxyOf(reply, errors);
    if (proxy !== undefined)
        return `${said} (says ${proxy}, not ${name})`;
    if (status !== 404 || html === undefined || errors?.htmlNotFound)
        return said;
    const why = asked?.url.pathname.includes("%2F") ? "a proxy in between may decode %2F" : "check the server's address";
    return `${said}: an HTML page, not the API's answer; ${why}`;
}
/** The proxy whose own answer this is, if it can be told. https://www.rfc-editor.org/rfc/rfc9209 */
function proxyOf({ status, headers, html }, errors) {
    const [stated = "", via = ""] = [headers["proxy-status"], headers["via"]];
    const isOwn = status === 407 ||
        /;\s*error=/.test(stated) ||
        headers["x-squid-error"] !== undefined ||
        (via !== "" && html !== undefined && status >= 400 && !errors?.htmlNotFound);
    if (!isOwn)
        return undefined;
    const label = /^[^;,\s]+/.exec(stated)?.[0] ?? /^\S+ ([^\s,(]+)/.exec((0,src_text/* head */.d5)(via))?.[1];
    return label === undefined ? "a proxy" : `the proxy ${(0,src_text/* oneLine */.TN)(label, 60).replaceAll('"', "")}`;
}
/** Where servers put their words when the provider's file does not say; the second place says more about the first. */
const usual = [
    ["error_description"],
    ["message.error"],
    ["message.base.0"],
    ["message", "errors.0.message"],
    ["error.message", "error.detail"],
    ["errors.0.message", "errors.0.detail"],
    ["errors.0.title", "errors.0.detail"],
    ["errors.0.detail"],
    ["errors.0"],
    ["error_msg"],
    ["error"],
    ["detail"],
    ["msg"],
    ["title", "detail"],
];
function words(reply, errors) {
    const { body, headers, html } = reply;
    const stated = fromHeaders(errors?.headerWords, headers);
    if (stated !== undefined)
        return (0,src_text/* oneLine */.TN)(stated, 200);
    if (html !== undefined)
        return titleOf(html, errors?.emptyTitles);
    if (typeof body === "string")
        return (0,src_text/* oneLine */.TN)(fromXml(body) ?? body, 200);
    const own = wordAt(errors?.message, body);
    if (own)
        return (0,src_text/* oneLine */.TN)(own, 200);
    for (const [place, more] of usual) {
        const text = wordAt(place, body);
        if (!text)
            continue;
        const detail = wordAt(more, body);
        return (0,src_text/* oneLine */.TN)(detail && !text.includes(detail) ? `${text.replace(/[.:]$/, "")}: ${detail}` : text, 200);
    }
    return "";
}
function wordAt(where, body) {
    const text = pick(where, body);
    return typeof text === "string" ? text : undefined;
}
function fromHeaders(template, headers) {
    if (template === undefined)
        return undefined;
    const names = [...template.matchAll(/\{([a-z-]+)\}/g)].map(([, name = ""]) => name);
    if (names.some((name) => !headers[name]))
        return undefined;
    return template.replace(/\{([a-z-]+)\}/g, (_, name) => headers[name] ?? "");
}
function titleOf(html, empty) {
    const title = (0,src_text/* oneLine */.TN)(unescaped(/<title[^>]*>([^<]*)/i.exec((0,src_text/* head */.d5)(html))?.[1] ?? ""), 120);
    return empty?.test((0,src_text/* head */.d5)(title)) ? "" : title;
}
/** A code and a message, as https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html has them. */
function fromXml(text) {
    const message = /<message>([^<]+)/i.exec((0,src_text/* head */.d5)(text))?.[1];
    const code = /<code>([^<]+)/i.exec((0,src_text/* head */.d5)(text))?.[1];
    return message === undefined
        ? undefined
        : unescaped([code && (0,src_text/* oneLine */.TN)(code, 100), message].filter(Boolean).join(": "));
}
const entities = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", "#39": "'" };
const unescaped = (text) => text.replace(/&(amp|lt|gt|quot|apos|#39);/g, (_, name) => entities[name] ?? "");

;// CONCATENATED MODULE: ./lib/src/engine/request.js



/** The request for a call. Its path is exactly the one written in the provider's file: an id can neither leave it nor add to it. */
function build(run, call, values) {
    const [method = "", path = ""] = call.route.split(" ");
    const filled = fill(withoutMissing(path, values, run.target), values);
    const url = new URL(run.place.api + filled);
    if (`${url.origin}${url.pathname}${url.search}` !==
        `${new URL(run.place.api).origin}${new URL(run.place.api).pathname.replace(/\/$/, "")}${filled}`) {
        throw new HttpError("protocol", `an id would change the path of the request: ${(0,src_text/* oneLine */.TN)(filled, 120)}`, false);
    }
    const headers = { ...run.provider.headers };
    for (const [name, value] of Object.entries(call.headers ?? {}))
        headers[name] = fill(value, values);
    const { type, body } = payload(call, values);
    return {
        method,
        url,
        headers: type === undefined ? headers : { "content-type": type, ...headers },
        ...(body !== undefined && { body }),
        ...(call.okStatus && { accepts: call.okStatus }),
        ...(call.refusedStatus && { answers: call.refusedStatus }),
        ...(call.text && { text: call.text }),
    };
}
function payload({ body, form }, values) {
    if (form) {
        const fields = new URLSearchParams(fillBody(form, values));
        return { type: "application/x-www-form-urlencoded", body: fields.toString() };
    }
    if (body === undefined)
        return {};
    const filled = fillBody(body, values);
    return typeof filled === "string" ? { body: filled } : { type: "application/json", body: JSON.stringify(filled) };
}

;// CONCATENATED MODULE: ./lib/src/engine/session.js








class Session {
    #options;
    #authenticators = new Map();
    #explanations = new Map();
    constructor(options) {
        this.#options = options;
    }
    /** Resolves when the run's server may be sent a change. */
    async turn(run, deadline, signal) {
        await this.#laneOf(run).turn({ deadline, signal });
    }
    /** What the run's server has said to be left of its limit. */
    quota(run) {
        return this.#laneOf(run).quota;
    }
    #laneOf(run) {
        return this.#options.laneOf(new URL(run.place.api).origin);
    }
    /** Sends a step of a run's provider; one that `changes` something after its `turn` has come. Rejects with `HttpError`. */
    async send(run, step, sending) {
        const values = { ...run.ids, ...sending.learned, reason: sending.reason, region: run.place.region ?? "" };
        const sendCall = async (call, hasBegun = false) => {
            const asked = { url: build(run, call, values).url, server: run.place.server };
            const result = classify(await this.#send(run, call, values, { ...sending, hasBegun }), call, run.provider, asked);
            const { otherwise } = call;
            const said = `${pick(run.provider.errors?.code, result.reply.body) ?? result.reply.status}`;
            return otherwise?.on.test((0,src_text/* head */.d5)(said)) ? await sendCall(otherwise, true) : result;
        };
        if ("choose" in step)
            return await sendCall(session_choose(step, sending.last));
        if (!("ask" in step))
            return await sendCall(step);
        let changes = 0;
        const context = {
            ids: { ...run.ids, ...sending.learned },
            reason: sending.reason,
            last: sending.last,
            scheme: this.#options.auth.scheme,
            send: async (call) => {
                // The first change has its turn; where one cancel is several calls, the others wait for theirs.
                const hasBegun = changes > 0;
                if (sending.changes && isChange(call) && changes++ > 0)
                    await this.#laneOf(run).turn({ deadline: sending.deadline, signal: sending.interrupted });
                return await this.#send(run, call, values, { ...sending, hasBegun });
            },
        };
        const answer = await session_ask(step.ask, context);
        return "route" in answer ? await sendCall(answer, changes > 0) : classify(answer, undefined, run.provider);
    }
    /** A run was not found: what is missing, if it is known or the vendor can be asked about it. `said`: the vendor's words. */
    async explainMissing(run, said, sending) {
        const limits = this.#options.limits?.(run, "not-found");
        const { container } = run.provider;
        if (limits !== undefined || container === undefined)
            return limits;
        const { kind, ids, missingWords, look } = container;
        if (!ids.every((id) => run.ids[id] !== undefined))
            return undefined;
        const name = ids.map((id) => run.ids[id]).join("/");
        if (missingWords !== undefined)
            return session_missing(kind, name, run, !missingWords.test((0,src_text/* head */.d5)(said)));
        if (look === undefined)
            return undefined;
        try {
            const reply = await this.send(run, look, { ...sending, changes: false });
            if (reply.kind === "ok")
                return session_missing(kind, name, run, true);
            return reply.kind === "not-found" ? session_missing(kind, name, run, false) : undefined;
        }
        catch (error) {
            // It is a courtesy; that the run was not found stands without it.
            if (error instanceof HttpError)
                return undefined;
            throw error;
        }
    }
    /** After a refusal: what is wrong with the credential, if it is known or the vendor can be asked about it. */
    async explain(run, deadline, signal) {
        const limits = this.#options.limits?.(run, "denied");
        if (limits !== undefined)
            return limits;
        const key = run.place.region ?? "";
        const known = this.#explanations.get(key) ?? this.#explain(run, deadline, signal);
        this.#explanations.set(key, known);
        return await known;
    }
    async #explain(run, deadline, signal) {
        try {
            const explained = (await this.#authenticator(run, deadline)).explain?.();
            return explained && (await unlessAborted(explained, signal));
        }
        catch {
            // The explanation is a courtesy; the refusal stands without it.
            return undefined;
        }
    }
    async #send(run, call, values, sending) {
        const request = build(run, call, values);
        const { crumb } = this.#options.auth;
        if (crumb === undefined || !isChange(call))
            return await this.#transmit(run, request, sending);
        const prove = async () => ({
            ...request,
            headers: { ...request.headers, ...(await this.#crumb(run, values, sending)) },
        });
        const goingOn = { ...sending, hasBegun: true };
        if (crumb.askedBy === undefined)
            return await this.#transmit(run, await prove(), goingOn);
        const reply = await this.#transmit(run, request, sending);
        const text = reply.html ?? (typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body ?? ""));
        if (reply.status !== 403 || !crumb.askedBy.test((0,src_text/* head */.d5)(text)))
            return reply;
        const proven = await prove().catch((error) => {
            // The refusal of the change says more than that of the crumb.
            if (error instanceof HttpError && error.kind !== "aborted")
                return request;
            throw error;
        });
        const isProven = Object.keys(proven.headers).length > Object.keys(request.headers).length;
        return isProven ? await this.#transmit(run, proven, goingOn) : reply;
    }
    async #transmit(run, request, sending) {
        const { client, clock } = this.#options;
        const { errors } = run.provider;
        const { changes, hasBegun = false, retryUntil = Infinity } = sending;
        const isEffective = changes && request.method !== "GET";
        const lane = this.#laneOf(run);
        const options = {
            lane,
            deadline: sending.deadline,
            reads: !changes,
            ...(sending.signal && { signal: sending.signal }),
            ...(sending.interrupted && { interrupted: sending.interrupted }),
            ...(sending.retryUntil !== undefined && { retryUntil }),
            ...(sending.once && isEffective && { once: true }),
            ...(isEffective && sending.attemptsBefore !== undefined && { attemptsBefore: sending.attemptsBefore }),
            ...(sending.onUnclear && isEffective && { onUnclear: sending.onUnclear }),
            ...(sending.onRetry && { onRetry: sending.onRetry }),
            authorize: async (signed) => {
                try {
                    return await (await this.#authenticator(run, sending.deadline)).authorize(signed);
                }
                catch (error) {
                    if (error instanceof auth_scheme/* Denied */.Cb)
                        throw new HttpError("denied", (0,src_text/* oneLine */.TN)(error.message), false);
                    if (error instanceof auth_scheme/* Unavailable */.$P)
                        throw new HttpError("unreachable", (0,src_text/* oneLine */.TN)(error.message), false);
                    throw error;
                }
            },
            busy: (reply) => errors?.busy?.test((0,src_text/* head */.d5)(`${pick(errors.code, reply.body) ?? ""}`)) ?? false,
        };
        const send = async () => {
            // It has waited for its place. What is read for a change, a crumb, is part of it.
            if (!hasBegun && clock.now() > retryUntil)
                throw new HttpError("postponed", `${request.url.host}: too many requests are under way`, false);
            return await client.send(request, options);
        };
        const rank = changes || sending.retryUntil !== undefined ? "due" : (sending.rank ?? "look");
        return await lane.run(send, { ...waiting(request, options), changes: isEffective, rank });
    }
    /** The headers that a server wants with every change, besides the credential. */
    async #crumb(run, values, sending) {
        const { crumb } = this.#options.auth;
        if (!crumb)
            return {};
        const { status, headers, body } = await this.#send(run, crumb, values, { ...sending, changes: false });
        if (status === 404)
            return {};
        const [name, value] = [pick(crumb.header, body), pick(crumb.value, body)];
        if (status !== 200 || typeof name !== "string" || typeof value !== "string") {
            const kind = status === 401 || status === 403 ? "denied" : "protocol";
            throw new HttpError(kind, `the server did not issue a crumb for the change (${status})`, false);
        }
        const cookie = (0,cookies/* cookiesOf */.N)(headers);
        return { [name.toLowerCase()]: value, ...(cookie && { cookie }) };
    }
    #authenticator(run, deadline) {
        const { auth, credentials, client, clock, mask } = this.#options;
        const key = run.place.region ?? "";
        const known = this.#authenticators.get(key);
        if (known)
            return known;
        const fresh = loaders[auth.scheme]().then((scheme) => scheme({
            auth,
            credentials,
            clock,
            mask,
            region: run.place.region,
            server: run.place.server,
            tokenServer: this.#options.tokenServer,
            // Without a signal: a token that a look was about to get is the token that the last cancel needs.
            send: (request) => client.send(request, { deadline }),
        }));
        this.#authenticators.set(key, fresh);
        return fresh;
    }
}
function session_missing(kind, name, { targetName, listId }, isThere) {
    return isThere
        ? `this token sees the ${kind} ${name}, but no such ${targetName} in it: check ${listId}, or it has been deleted`
        : `the ${kind} ${name} is what was not found: check its name, the server and what the token may see`;
}
/** The first call whose condition holds; before the first look, the first one. */
function session_choose({ choose: calls }, last) {
    const call = last === undefined ? calls[0] : calls.find(({ when }) => when === undefined || holds(when, last));
    if (!call)
        throw undocumented();
    return call;
}
const isChange = ({ route }) => !route.startsWith("GET ");
/** A provider's function that meets a shape which the server should not have sent says so instead of ending the step. */
async function session_ask(asked, context) {
    try {
        return await asked(context);
    }
    catch (error) {
        if (!(error instanceof TypeError))
            throw error;
        throw undocumented();
    }
}
function undocumented() {
    return new HttpError("protocol", "the server's reply is not as the vendor documents it", false);
}

;// CONCATENATED MODULE: ./lib/src/engine/connect.js






/** The session for a run: one a server. */
function connect_connect({ clock, transport, grants, mask, debug }) {
    const client = createClient(transport, clock, traceTo(debug));
    const lanes = new Map();
    const sessions = new Map();
    return (run) => {
        const key = serverKey(run);
        const known = sessions.get(key);
        if (known)
            return known;
        const { auth, credentials, tokenServer, limits } = grants.get(key);
        const session = new Session({
            auth,
            credentials,
            client,
            clock,
            mask,
            laneOf: (origin) => {
                const lane = lanes.get(origin) ?? new Lane(clock, budgetOf(run));
                lanes.set(origin, lane);
                return lane;
            },
            tokenServer,
            limits,
        });
        sessions.set(key, session);
        return session;
    };
}
/** The vendor's documented budget, on the servers that it is for. */
function budgetOf({ provider, place }) {
    const { budget } = provider.server;
    const { host } = new URL(place.server);
    return budget?.hosts?.some((pattern) => isHost(pattern, host)) === false ? undefined : budget;
}

;// CONCATENATED MODULE: ./lib/src/engine/story.js
/**
 * One run's story, as data: what is known of it (`Story`), what happens to it (`looked`, `answered`, …), what to do
 * next (`next`), and every word that is said of it. Nothing here sends, waits, or reads a clock.
 */







/** Cancel requests for one run; further ones only after the vendor refused and two looks found the run alive. */
const maxCancels = 3;
/** Looks that must have found the run alive since its cancel was refused before a forced stop is sent all the same. */
const minAliveBeforeForce = 2;
/** Looks that may miss the run after a cancel was accepted: replicas lag. */
const maxMisses = 3;
/** First looks that may show nothing readable. */
const maxShapeless = 3;
/** Looks in a row that may fail once the run has been seen, before its cancel is sent. */
const maxFailedLooks = 2;
/** Time kept for the last look, in ms. */
const reservedForLastLook = 1500;
/** A cancel whose turn comes, or that would be sent again, later than this after its look needs another look first, in ms. */
const maxObservationAge = 5000;
/** Where the cancel rewrites a run that is over, this is the oldest that its look may be. */
const maxAgeBeforeRewrite = 500;
/** What it may take at least from the decision to send it until it leaves: lists may have been read since its look. */
const minTimeToSend = 1000;
/** Cancels in a row that may fail to leave. */
const maxUnsent = 3;
/**
 * Waits between looks at a run whose cancel was accepted. A look comes at once; the next ones are early, because most runs stop within
 * seconds, and then each wait is a share of the time since the cancel, so what is learned late is late by a fifth of that time (median).
 * In ms, without the jitter, which makes the longest one 15 s.
 */
const firstPause = 450;
const minPause = 600;
const pauseShare = 0.4;
const maxPause = 13_600;
const jitter = 0.1;
/** Waits while no cancel was accepted, or the run cannot be seen: those causes take longer to pass. The first one, and how fast they grow. */
const firstPatientPause = 2000;
const growth = 1.5;
/** States of a job that has not begun. */
const notStarted = new Set(["queued", "blocked", "skipped"]);
const story_untold = {
    run: undefined,
    last: "nothing",
    look: undefined,
    observation: undefined,
    previous: undefined,
    attempt: undefined,
    seenAt: -Infinity,
    before: undefined,
    shapeless: 0,
    misses: 0,
    failedLooks: 0,
    rests: 0,
    jobs: undefined,
    turnAt: undefined,
    asks: 0,
    sentAt: undefined,
    wordWhenAsked: undefined,
    answer: undefined,
    unsent: undefined,
    unreachable: 0,
    seenSinceAsked: 0,
    acceptedAt: undefined,
    forceCountsFrom: undefined,
    sameRefusals: 0,
    refusal: undefined,
    reasonRecorded: false,
    aliveSinceAsked: false,
    aliveUnaccepted: 0,
    aliveSinceCounting: 0,
    followed: undefined,
    allStarted: false,
    pending: false,
    unfollowed: undefined,
    successor: undefined,
    explanation: undefined,
    forces: 0,
    forceAnswer: undefined,
    force: undefined,
    forced: false,
    confirmed: undefined,
    ending: undefined,
};
const end = (outcome, detail = "", isMismatch = false) => ({ do: "end", outcome, detail, isMismatch });
function next(story, rules, now) {
    const step = usualNext(story, rules, now);
    if (!now.stopped || step.do === "end")
        return step;
    return story.asks === 0 ? end("failed", "interrupted; no cancel was sent") : interrupted(story, rules);
}
function usualNext(story, rules, now) {
    const { isSelf, settings, spell } = rules;
    if (isSelf && !settings.self)
        return end("refused", `${whose(isSelf)}; ${spell("self")} allows cancelling it`);
    if (story.last === "cancel")
        return afterAnswer(story, rules, now);
    if (story.last === "unsent")
        return afterUnsent(story, rules, now);
    if (story.last === "force")
        return afterForce(story, rules, now);
    if (story.last !== "look" || story.look === undefined)
        return lookAgain(story, rules, now);
    if (story.look.ok)
        return afterObservation(story.look, story, rules, now);
    return story.asks === 0 ? beforeCancel(story.look, story, rules, now) : afterMiss(story.look, story, rules, now);
}
const whose = (isSelf) => isSelf === "maybe"
    ? "it has the id of the run that this step is part of, and its server may be ours under another name"
    : "this step is part of that run";
function lookAgain(story, rules, now) {
    return now.interrupted && story.asks > 0 ? interrupted(story, rules) : { do: "look" };
}
function afterAnswer(story, rules, now) {
    const { answer } = story;
    if (answer?.is === "impossible")
        return end("failed", answer.said);
    if (answer?.is === "denied")
        return answer.explicable ? denied(answer.said, story, rules) : end("refused", answer.said);
    return lookAgain(story, rules, now);
}
/** The run may have changed while the cancel was waiting. */
function afterUnsent(story, rules, now) {
    if (story.unsent?.why === "interrupted")
        return interrupted(story, rules);
    if (story.unreachable >= maxUnsent)
        return end("failed", unsentInWords(story));
    return lookAgain(story, rules, now);
}
/** What is not known to have had an effect is looked at, what has had one is given time for it. */
function afterForce(story, rules, now) {
    return story.forceAnswer?.is === "unknown" ? lookAgain(story, rules, now) : rest(story, rules, now);
}
function afterObservation(seen, story, rules, now) {
    const other = otherAttempt(seen, story, rules);
    if (other)
        return other;
    const first = story.asks === 0;
    const force = seen.over ? undefined : dueForce(seen, story, rules, now);
    const isUnaccepted = !first && !seen.over && !story_isAccepted(story);
    const isTime = story.unsent !== undefined || story.aliveUnaccepted % 2 === 0;
    const again = isUnaccepted && !force && isTime && mayAskAgain(story, rules);
    // What was accepted is under way; whatever else is sent goes past the guards.
    const due = first || again || (isUnaccepted && force !== undefined);
    const mismatch = due ? mismatchOf(story, rules) : undefined;
    if (due && mismatch === undefined && rules.settings.unlessJob !== undefined && story.jobs?.at !== seen)
        return { do: "list-jobs", observation: seen };
    const spared = due ? (mismatch ?? startedJob(story, rules)) : undefined;
    // What a run started may go on without it; what belongs to a spared run is spared with it.
    if (spared === undefined && rules.follows && !story.allStarted && story.followed !== seen)
        return { do: "follow", observation: seen };
    if (first && mayHaveSuccessor(seen, story, rules) && !now.interrupted)
        return { do: "find-successor", observation: seen };
    if (seen.over)
        return over(seen, story, rules);
    if (spared !== undefined)
        return story_leftAlone(spared, mismatch !== undefined, story, rules);
    if (first && rules.settings.dryRun)
        return end("would-cancel", withoutEffect(seen, rules) ?? "");
    if (force)
        return forceInTurn(force, story, now.at);
    if (due)
        return cancelInTurn(story, rules, now);
    return story_isAccepted(story) ? whileStopping(seen, story, rules, now) : whileRefused(seen, story, rules, now);
}
/** It has ended before we came, in a way after which the vendor may have begun another one. */
function mayHaveSuccessor({ over: isOver, state }, story, rules) {
    const { successor } = (story.run ?? rules.run).target;
    return isOver && story.successor === undefined && successor?.after.includes(state) === true;
}
/** Something besides its ids decides whether the run may be cancelled. */
const isGuarded = (rules) => pinnedAttempt(rules.run) !== undefined ||
    rules.noLongerMatches !== undefined ||
    rules.settings.unlessJob !== undefined ||
    rewrites(rules);
const rewrites = ({ run }) => run.target.cancel.rewrites === true;
/** Only a look tells whether the page is that of the run with these ids. */
const isNamedByPage = ({ run }) => run.address !== undefined && run.target.uncertainPages === true;
/** Why a selected run is not to be cancelled: it no longer matches. */
function mismatchOf({ observation, asks, turnAt }, { noLongerMatches }) {
    if (observation === undefined || observation.over)
        return undefined;
    // Our own cancel takes a run out of the states that were selected.
    if (observation.state === "cancelling" && (asks > 0 || turnAt !== undefined))
        return undefined;
    return noLongerMatches?.(observation.body);
}
/** A selected run that is left alone as we were told to is no failure; one that was named, or of which nothing can be told, is. */
function story_leftAlone(why, isMismatch, { asks, jobs }, { noLongerMatches }) {
    const isKnown = isMismatch ? why !== notInReply : !(jobs?.listed instanceof HttpError);
    const isSpared = noLongerMatches !== undefined && asks === 0 && isKnown;
    return end(isSpared ? "spared" : "refused", why, isMismatch);
}
/** The job, if any, behind whose start the run is not to be cancelled. What cannot be told counts as started. */
function startedJob({ jobs }, { settings: { unlessJob } }) {
    if (jobs === undefined || unlessJob === undefined)
        return undefined;
    const { listed } = jobs;
    if (listed instanceof HttpError)
        return `could not check whether job ${unlessJob} has started: ${listed.message}`;
    const started = listed.find(({ name, state }) => !notStarted.has(state) && globMatches(unlessJob, name));
    return started && `its job ${started.name} has started (${started.state})`;
}
/** Its turn may take its time to come, and the run may have been started again by then, or what guards it have changed. */
function cancelInTurn(story, rules, { at, interrupted: isKilled }) {
    if (story.turnAt === undefined)
        return { do: "turn" };
    // There is no time for a look: a cancel that may be needless is better than none.
    if (isKilled && !isGuarded(rules))
        return { do: "cancel", retryUntil: Infinity };
    if (isLate(story, rewrites(rules) ? maxAgeBeforeRewrite : maxObservationAge))
        return { do: "look" };
    return { do: "cancel", retryUntil: rewrites(rules) ? at + maxAgeBeforeRewrite : lookGoodUntil(story, at) };
}
function forceInTurn(force, story, at) {
    if (story.turnAt === undefined)
        return { do: "turn" };
    if (isLate(story))
        return { do: "look" };
    return { do: "force", force, retryUntil: lookGoodUntil(story, at) };
}
const lookGoodUntil = ({ seenAt }, at) => Math.max(seenAt + maxObservationAge, at + minTimeToSend);
/** A server that restarts is waited for: what it could not answer counts for nothing. */
function mayAskAgain({ asks, answer }, { settings: { wait } }) {
    if (answer?.is !== "unknown")
        return asks < maxCancels;
    return answer.tooLong !== true && (asks < maxCancels || (wait && answer.isRestarting));
}
const isLate = ({ turnAt = 0, seenAt }, maxAge = maxObservationAge) => turnAt - seenAt > maxAge;
function whileStopping(seen, story, rules, now) {
    const inVain = withoutEffect(seen, rules);
    if (inVain !== undefined)
        return end("failed", `the cancel was accepted but has no effect: ${inVain}`);
    if (!rules.settings.wait && !rules.isSelf)
        return end("cancelling", "did not wait for it to stop");
    return rest(story, rules, now);
}
function whileRefused(seen, story, rules, now) {
    const { answer, sameRefusals } = story;
    const { wait } = rules.settings;
    // The look that has just found the run shows that it is the call that is missing.
    if (isFinal(story))
        return end("failed", unaccepted(story));
    const isForceOpen = story.forceAnswer?.is === "unknown" || isForceAhead(seen, story, rules);
    if (mayAskAgain(story, rules) || (wait && isForceOpen))
        return rest(story, rules, now);
    // A 409 may be false, or about a state that passes: the run is watched to the end. One that has not begun, and of which
    // the server has said the same three times, does not pass.
    const mayPass = !(seen.state === "queued" && sameRefusals >= maxCancels);
    if (answer?.is === "refused" && answer.conflict && wait && mayPass)
        return rest(story, rules, now);
    return end("failed", joined(unaccepted(story), unforced(story, rules, now)));
}
/** Why the vendor's cancel does nothing to the run as it is. */
function withoutEffect({ word }, { run }) {
    const { noEffect } = run.target;
    return noEffect?.words.includes(word) ? noEffect.because : undefined;
}
/** Nothing has been sent yet, and the look has shown nothing. */
function beforeCancel(unseen, story, rules, now) {
    // Seen before, and not when its turn came: the turn was given back.
    const isTooSoon = unseen.kind === "no-time";
    if (story.observation !== undefined && story.failedLooks < maxFailedLooks && !isTooSoon)
        return { do: "look" };
    const pause = 1000 * story.shapeless;
    const mayClear = unseen.kind === "shapeless" && story.shapeless < maxShapeless && !now.interrupted;
    if (mayClear && pause < rules.deadline - now.at)
        return { do: "rest", until: now.at + pause };
    // Killed before the first look came back: a cancel that may be needless is better than none, one that may be wrong is not.
    const sure = !rules.settings.dryRun && !isGuarded(rules);
    if (now.interrupted && sure && !isNamedByPage(rules) && (unseen.kind === "interrupted" || unseen.kind === "no-time"))
        return cancelInTurn(story, rules, now);
    return cannotLook(unseen, story, rules);
}
function afterMiss(unseen, story, rules, now) {
    if (unseen.kind === "interrupted")
        return lookAgain(story, rules, now);
    // The server asks for more time than there is: to look again sooner would be to look too soon.
    if (unseen.kind === "no-time")
        return deadlineReached(unseen.detail, story, rules, now);
    const gone = unseen.kind === "not-found" && (story.misses > maxMisses || !story_isAccepted(story));
    return gone || unseen.kind === "denied" ? cannotLook(unseen, story, rules) : rest(story, rules, now);
}
function rest(story, rules, now) {
    const { deadline } = rules;
    const { at } = now;
    if (deadline - at <= reservedForLastLook)
        return deadlineReached(story.look && !story.look.ok ? story.look.detail : "", story, rules, now);
    // A forced stop that is due but not allowed yet waits for the next look.
    const due = nextForce(story, rules) ?? 0;
    const until = Math.min(at + pause(story, rules, now), deadline - reservedForLastLook, due > at ? due : Infinity);
    return { do: "rest", until: Math.max(until, at + 50) };
}
/** How long until the next look, never less than the vendor's pace. */
function pause(story, { run }, { at, random }) {
    const { rests, sentAt = at, look } = story;
    const { pace = 0 } = run.provider.server;
    if (!story_isAccepted(story) || look?.ok !== true)
        return Math.max(Math.min(firstPatientPause * growth ** rests, maxPause), pace) * (1 + random / 4);
    const share = Math.min(Math.max(pauseShare * (at - sentAt), minPause), maxPause);
    const wait = rests === 0 ? firstPause : share;
    return Math.max(wait * (1 + jitter * (2 * random - 1)), pace * (1 + random / 4));
}
const isFinal = ({ answer }) => answer?.is === "refused" && answer.final === true;
const story_isAccepted = ({ acceptedAt }) => acceptedAt !== undefined;
const ladder = ({ run }, rules) => (run ?? rules.run).force;
/** When the next forced stop is due; undefined when there is none to come. */
function nextForce(story, rules) {
    const { forceCountsFrom, forces } = story;
    const { forceAfter } = rules.settings;
    if (forceAfter === undefined || forceCountsFrom === undefined || forces >= ladder(story, rules).length)
        return undefined;
    return forceCountsFrom + forceAfter * (forces + 1);
}
/** The forced stop whose time has come, if the vendor takes it now. */
function dueForce(seen, story, rules, now) {
    const due = nextForce(story, rules);
    const mayBeSent = story_isAccepted(story) || story.aliveSinceCounting >= minAliveBeforeForce;
    if (due === undefined || now.at < due || !mayBeSent)
        return undefined;
    const force = ladder(story, rules)[story.forces];
    return obstacle(force, seen, rules) === undefined ? force : undefined;
}
/** A forced stop that the vendor takes of the run as it is will be due in time. */
function isForceAhead(seen, story, rules) {
    const due = nextForce(story, rules);
    if (due === undefined || due >= rules.deadline - reservedForLastLook)
        return false;
    return obstacle(ladder(story, rules)[story.forces], seen, rules) === undefined;
}
/** Why the vendor does not take a forced stop now. */
function obstacle(force, { state, body }, { run }) {
    if (force.from?.includes(state) === false)
        return `${run.provider.name} takes a forced stop only for a run that is ${force.from.join(" or ")}`;
    if (force.when === undefined || holds(force.when, body) === true)
        return undefined;
    const time = allowedFrom(force, { body });
    return `${run.provider.name} did not allow the forced stop yet${time && `: it is allowed from ${time} on`}`;
}
/** When the vendor will allow it, in the vendor's words; empty where it does not say. */
function allowedFrom({ availableAt }, { body }) {
    const time = pick(availableAt, body);
    return typeof time === "string" ? (0,src_text/* oneLine */.TN)(time, 40) : "";
}
// How it ends
/** What is there is not the attempt that it was, or that was asked for. */
function otherAttempt(seen, story, { run }) {
    const { attempt } = seen;
    const pinned = pinnedAttempt(run);
    if (story.asks === 0 && pinned !== undefined && attempt !== pinned) {
        // An attempt that is still to come is no restart: a step that stopped nothing must not look as if it need not.
        if (attempt !== undefined)
            return end(Number(attempt) < Number(pinned) ? "not-found" : "restarted", `attempt ${attempt} is the current one, attempt ${pinned} was asked for`);
        if (!seen.over)
            return end("refused", `attempt ${pinned} was asked for, and the server does not say which this is`);
    }
    if (story.attempt === undefined || attempt === undefined || attempt === story.attempt)
        return undefined;
    return end("restarted", `attempt ${attempt} has begun; ${hit(seen, story)}`);
}
/** Which attempt the cancel that was meant for an earlier one has reached. */
function hit({ attempt, state }, { asks, attempt: meant, seenSinceAsked }) {
    if (asks === 0)
        return `the cancel was meant for attempt ${meant ?? ""}, and was not sent`;
    const cancel = `the cancel was meant for attempt ${meant ?? ""}`;
    if (state === "cancelled" || state === "cancelling")
        return `${cancel}, and attempt ${attempt ?? ""} is ${state}`;
    // No look since it was sent has shown the earlier one.
    return seenSinceAsked > 1 ? cancel : `${cancel}, and may have reached attempt ${attempt ?? ""}`;
}
function over({ state, word }, story, rules) {
    const { forceAnswer } = story;
    const strange = state === "unknown" ? `ended as "${word}", a word we do not know` : inItsPlace(story, rules);
    const byForce = state === "cancelled" && forceAnswer?.is === "unknown";
    const detail = joined(strange, byForce ? `the forced stop may have done it (${forceAnswer.said})` : "");
    // A plain no to the only try of the cancel, and no look since that found the run alive: it was over before.
    const isPlain = story.answer?.is === "refused" && !story.answer.resent;
    const refused = !story_isAccepted(story) && isPlain && !story.aliveSinceAsked;
    if (story.asks === 0 || refused)
        return end("already-finished", detail);
    return end(state === "cancelled" ? "cancelled" : "finished-anyway", detail);
}
/** What goes on in the place of a run that is over, and was not named by anybody. */
function inItsPlace({ successor }, { run }) {
    const { targetName, target } = run;
    if (successor === undefined || successor === null)
        return "";
    if (successor instanceof HttpError)
        return `it is unclear whether it was retried: ${successor.message}`;
    const retry = `it was retried as ${targetName} ${successor.id}`;
    if (isEnd(successor.state))
        return `${retry}, which is over, too: ${successor.state}`;
    return `${retry}, which goes on (${successor.state}) and is not cancelled, because it was not named; name the ${target.successor?.instead ?? "other"} to stop whichever is under way`;
}
/** By the reply to the cancel, where it has shown that the run is over. */
function overByReply(story, rules) {
    const { answer } = story;
    const shown = answer?.is === "accepted" ? answer.shown : undefined;
    // A look that found it alive since then is newer.
    return shown?.over && !story.aliveSinceAsked ? { ...over(shown, story, rules), by: shown } : undefined;
}
/** It cannot be looked at. */
function cannotLook(unseen, story, rules) {
    const { kind, detail } = unseen;
    // A job's credential ends with its run.
    const byReply = rules.isSelf ? overByReply(story, rules) : undefined;
    if (byReply)
        return byReply;
    if (story_isAccepted(story)) {
        const lost = kind === "not-found"
            ? "the run is no longer there"
            : kind === "denied"
                ? "the look was refused"
                : "the look failed";
        return end("failed", `the ${taken(story)} was accepted, but then ${lost} (${detail})`);
    }
    if (kind === "denied")
        return denied(detail, story, rules);
    if (kind === "another-run")
        return end("refused", detail);
    if (kind !== "not-found")
        return end("failed", joined(unsentInWords(story), detail));
    return notFound(unseen, story);
}
function notFound({ detail, address }, { explanation }) {
    if (explanation === undefined)
        return { do: "explain" };
    const asked = address === undefined ? ` (${detail})` : `: ${address} answered ${detail}`;
    const cause = explanation || "check the ids, the server and what the token may see";
    return end("not-found", `not there, or hidden from this token${asked}; ${cause}`);
}
function denied(said, { explanation }, { run }) {
    if (explanation === undefined)
        return { do: "explain" };
    return end("refused", [said, explanation || story_advice(said, run)].filter(Boolean).join("; "));
}
/** A credential that is not known needs no rights, and a login page says nothing of them. */
function story_advice(said, { provider }) {
    if (/^401\b/.test(said))
        return "the credential is wrong, expired, or for another server";
    return said.includes("a login page") ? "" : `needed: ${provider.rights}`;
}
/** The deadline has come; `problem`: why it cannot be seen. */
function deadlineReached(problem, story, rules, now) {
    const byReply = problem && rules.isSelf ? overByReply(story, rules) : undefined;
    if (byReply)
        return byReply;
    const since = (0,src_text/* duration */.p0)(rules.settings.timeout);
    const accepted = story_isAccepted(story);
    if (problem) {
        const but = accepted ? `the ${taken(story)} was accepted, but ` : "";
        if (story.unsent && !accepted)
            return end("failed", joined(unsentInWords(story), problem));
        return end("failed", `${but}it could not be confirmed within ${since}: ${problem}`);
    }
    const lives = `${story.observation?.state ?? "not over"} after ${since}`;
    const force = unforced(story, rules, now) || noStrongerStop(story, rules);
    return end("still-running", joined(lives, accepted ? "" : unaccepted(story), force));
}
function interrupted(story, rules) {
    const byReply = overByReply(story, rules);
    if (byReply)
        return byReply;
    if (story_isAccepted(story))
        return end("cancelling", "interrupted before a look could confirm it");
    const { asks, answer, unsent, seenSinceAsked } = story;
    if (asks === 0 && unsent)
        return end("failed", `interrupted before the cancel was sent (${unsent.said})`);
    if (answer?.is === "unknown" && !answer.answered && seenSinceAsked === 0)
        return end("cancelling", "asked and not confirmed: interrupted before an answer came");
    const said = answer?.is === "unknown" ? ` (${answer.said})` : "";
    return end("failed", `interrupted before the cancel was accepted${said}`);
}
/** That the latest cancel did not leave. */
const unsentInWords = ({ unsent }) => (unsent ? `the cancel could not be sent (${unsent.said})` : "");
/** What of all that was sent has been accepted. */
const taken = ({ answer }) => (answer?.is === "accepted" ? "cancel" : "forced stop");
function unaccepted(story) {
    const { answer, asks } = story;
    if (asks === 0)
        return unsentInWords(story);
    if (answer?.is === "refused" && answer.final)
        return answer.said;
    if (answer?.is === "refused")
        return `the cancel was refused ${asks === 1 ? "" : `${asks} times `}(${answer.said})`;
    if (answer?.is === "accepted")
        return "the cancel was accepted before it became another run";
    if (answer?.is === "unknown" && answer.answered)
        return answer.said;
    return `it is not known whether the cancel arrived: ${answer?.said ?? ""}`;
}
/** What came of the forced stop, or why none was sent; where none was asked for, that there is one. */
function unforced(story, rules, { at }) {
    const { run, settings, spell } = rules;
    const { provider, targetName } = story.run ?? run;
    const rungs = ladder(story, rules);
    const input = spell("force-after");
    if (settings.forceAfter === undefined)
        return strongerStop(story, rules);
    if (rungs.length === 0)
        return `${input} has no effect: ${provider.name} has no forced stop for a ${targetName}`;
    const said = forceInWords(story);
    if (story.forces >= rungs.length)
        return said;
    return joined(said, whyNot(story, rules, at));
}
/** That the vendor has a forced stop, where nobody has asked for one. */
function strongerStop(story, rules) {
    const { observation } = story;
    const [stop] = ladder(story, rules);
    if (!stop || story.forceCountsFrom === undefined || !observation)
        return "";
    if (stop.from?.includes(observation.state) === false)
        return "";
    const time = allowedFrom(stop, observation);
    const has = `the forced stop that ${rules.run.provider.name} has${stop.called === undefined ? "" : ` (${stop.called})`}`;
    return `${rules.spell("force-after")} would use ${has}${time && `; it is allowed from ${time} on`}`;
}
/** That there is no forced stop to ask for, or none of a run as it is. */
function noStrongerStop(story, rules) {
    const { provider, targetName } = story.run ?? rules.run;
    const { observation } = story;
    const [stop] = ladder(story, rules);
    if (rules.settings.forceAfter !== undefined)
        return "";
    if (stop === undefined)
        return `${provider.name} has no stronger stop for a ${targetName}`;
    return observation && stop.from?.includes(observation.state) === false ? obstacle(stop, observation, rules) : "";
}
/** Why the next forced stop was not sent. */
function whyNot(story, rules, at) {
    const { spell } = rules;
    const due = nextForce(story, rules);
    const which = story.forces > 0 ? "the next forced stop" : spell("force-after");
    if (due === undefined)
        return "no forced stop was sent, because it is not known whether the cancel arrived";
    if (at < due)
        return `${spell("timeout")} ended before ${which}`;
    const stop = ladder(story, rules)[story.forces];
    const why = story.observation && obstacle(stop, story.observation, rules);
    if (why !== undefined)
        return why;
    return story.forceAnswer?.is === "unsent" ? "" : `no forced stop was sent, because too few looks found the run alive`;
}
/** What the answer to the forced stop was, where it is no yes. */
function forceInWords(story) {
    const { forceAnswer: answer, force } = story;
    if (answer?.is === "unsent")
        return `no forced stop was sent: ${answer.said}`;
    if (answer?.is === "unknown")
        return `it is not known whether the forced stop had an effect: ${answer.said}`;
    if (answer?.is !== "refused")
        return "";
    return answer.denied && force?.rights ? `${answer.said}; it needs ${force.rights}` : answer.said;
}
const joined = (...parts) => parts.filter(Boolean).join("; ");
// What happens
function looked(story, look, at) {
    const after = { ...story, last: "look", look };
    if (!look.ok)
        return {
            ...after,
            shapeless: story.shapeless + (look.kind === "shapeless" ? 1 : 0),
            misses: story.misses + (look.kind === "not-found" ? 1 : 0),
            failedLooks: story.failedLooks + 1,
            turnAt: undefined,
        };
    if (Number(look.attempt) < Number(story.attempt)) {
        const detail = `the server shows attempt ${look.attempt ?? ""}, which is an earlier one`;
        return looked(story, { ok: false, kind: "unclear", detail }, at);
    }
    // What it has become nobody has asked to stop.
    const isUnasked = look.became !== undefined && look.state !== "cancelling";
    const acceptedAt = isUnasked ? undefined : story.acceptedAt;
    const forceCountsFrom = isUnasked ? undefined : story.forceCountsFrom;
    const alive = story.asks > 0 && !look.over;
    // The cancel that is to be sent has had the looks that it needs.
    const isDue = story.turnAt !== undefined || story.unsent !== undefined;
    // Nothing speaks against the forced stop any more, and what it proves is the weaker claim.
    const byForce = story.forceAnswer?.is === "unknown" && look.over && look.state === "cancelled";
    return {
        ...after,
        observation: look,
        run: look.became ?? story.run,
        previous: story.observation,
        attempt: look.became ? look.attempt : (story.attempt ?? look.attempt),
        seenAt: at,
        before: story.before ?? look.state,
        misses: 0,
        failedLooks: 0,
        acceptedAt,
        forceCountsFrom,
        seenSinceAsked: story.seenSinceAsked + 1,
        aliveSinceAsked: story.aliveSinceAsked || alive,
        aliveUnaccepted: story.aliveUnaccepted + (alive && acceptedAt === undefined && !isDue ? 1 : 0),
        aliveSinceCounting: forceCountsFrom !== undefined && alive ? story.aliveSinceCounting + 1 : 0,
        ...(byForce && { forced: true, confirmed: story.force?.confirmed }),
    };
}
const jobsListed = (story, at, listed) => ({
    ...story,
    jobs: { at, listed },
});
/** `pending`: more is to come. */
function followed(story, observation, list) {
    const failed = list instanceof HttpError;
    return {
        ...story,
        followed: observation,
        unfollowed: failed ? `could not list the runs it started: ${list.message}` : undefined,
        allStarted: !failed && !list.pending && story.asks > 0,
        pending: !failed && list.pending,
    };
}
const succeeded = (story, successor) => ({
    ...story,
    successor: successor ?? null,
});
/** It is our turn to send the cancel. */
const turned = (story, at) => ({ ...story, turnAt: at });
/** The cancel is on its way. */
const story_asked = (story) => ({
    ...story,
    asks: story.asks + 1,
    wordWhenAsked: story.observation?.word,
    turnAt: undefined,
});
function answered(story, answer, at) {
    if (answer.is === "unsent")
        return {
            ...story,
            last: "unsent",
            asks: story.asks - 1,
            unsent: answer,
            unreachable: answer.why === "unreachable" ? story.unreachable + 1 : 0,
        };
    const accepted = answer.is === "accepted";
    const isFirstYes = accepted && story.acceptedAt === undefined && story.forces === 0;
    const counts = isFirstYes || story.forceCountsFrom === undefined;
    const isReply = accepted || answer.is === "refused" || (answer.is === "unknown" && answer.answered);
    return {
        ...story,
        last: "cancel",
        sentAt: at,
        answer,
        unsent: undefined,
        unreachable: 0,
        seenSinceAsked: 0,
        sameRefusals: answer.is !== "refused" ? 0 : story.refusal === answer.said ? story.sameRefusals + 1 : 1,
        refusal: answer.is === "refused" ? answer.said : undefined,
        ...(isReply && counts && { forceCountsFrom: at, aliveSinceCounting: 0 }),
        ...(accepted && {
            acceptedAt: story.acceptedAt ?? at,
            reasonRecorded: answer.withReason,
            // What was seen before the reply came is older.
            aliveSinceAsked: story.aliveSinceAsked && answer.shown === undefined,
        }),
    };
}
function forced(story, force, answer, at) {
    const sent = answer.is !== "unsent";
    return {
        ...story,
        last: "force",
        turnAt: undefined,
        forces: story.forces + (sent ? 1 : 0),
        force,
        forceAnswer: answer,
        ...(sent && { sentAt: at, rests: 0 }),
        ...(answer.is === "accepted" && {
            forced: true,
            confirmed: force.confirmed,
            acceptedAt: story.acceptedAt ?? at,
            reasonRecorded: story.reasonRecorded || answer.withReason,
        }),
    };
}
/** `why`: what is known of the credential that was refused, or of the run that was not found. */
const explained = (story, why) => ({ ...story, explanation: why ?? "" });
const rested = (story) => ({
    ...story,
    last: "rest",
    turnAt: undefined,
    rests: story.rests + (story.asks > 0 ? 1 : 0),
});
/** Ends of the story at which the run need not be over. */
const mayStartMore = new Set(["would-cancel", "cancelling", "still-running"]);
function story_ended(told, { outcome, detail, isMismatch, by }, at) {
    const story = by && told.observation ? { ...told, observation: { ...told.observation, ...by } } : told;
    // A run has been stopped only if what it started has been, too.
    const incomplete = story.unfollowed !== undefined && !["refused", "not-found", "spared", "would-cancel"].includes(outcome);
    const more = story.pending && mayStartMore.has(outcome) ? "it may still start other runs, which would go on" : "";
    if (!incomplete)
        return { ...story, ending: { outcome, detail: [detail, more].filter(Boolean).join("; "), isMismatch, at } };
    const all = [outcome, detail, story.unfollowed].filter(Boolean).join("; ");
    return { ...story, ending: { outcome: "failed", detail: all, isMismatch, at } };
}
/** Something has gone wrong in us. The message of an error that nobody foresaw may quote a secret: its kind and its place are enough to find it. */
function broken(story, error, at) {
    const { name, stack = "" } = error instanceof Error ? error : new Error();
    const place = /^ {4}at .*?([^\s/\\(]+:\d+:\d+)\)?$/m.exec((0,src_text/* head */.d5)(stack))?.[1];
    const what = `unexpected ${(0,src_text/* oneLine */.TN)(name, 60)}${place === undefined ? "" : ` at ${place}`}; please report this`;
    const so = story.asks > 0 ? "a cancel was sent, and what came of it is not known" : "";
    return story_ended(story, end("failed", joined(what, so)), at);
}
/**
 * What the reply to a cancel, or the lack of one, means. `shown`: what it shows of the run. `mayHaveArrived`: one of the tries
 * may have had its effect although its answer was lost, so what is said to a later one is said of a run that was asked to stop.
 */
function answerOf(reply, shown, mayHaveArrived = false) {
    const answer = reply instanceof HttpError ? answerOfNone(reply, mayHaveArrived) : answerOfReply(reply, shown);
    if (!mayHaveArrived)
        return answer;
    if (answer.is === "refused")
        return { ...answer, resent: true };
    if (answer.is !== "denied" && answer.is !== "impossible")
        return answer;
    return { is: "unknown", said: answer.said, answered: !(reply instanceof HttpError), isRestarting: false };
}
function answerOfNone({ kind, message: said, maybeSent }, mayHaveArrived) {
    if (kind === "denied")
        return { is: "denied", said, explicable: false };
    if (maybeSent || mayHaveArrived)
        return { is: "unknown", said, answered: false, isRestarting: false, tooLong: kind === "deadline" };
    if (kind === "protocol" || kind === "deadline")
        return { is: "impossible", said };
    const why = { postponed: "late", unreachable: "unreachable", aborted: "interrupted" }[kind];
    return { is: "unsent", said, why };
}
function answerOfReply(reply, shown) {
    const { kind, said, withReason, isAnswer } = reply;
    const { status } = reply.reply;
    if (kind === "ok")
        return { is: "accepted", withReason, shown };
    if (kind === "denied")
        return { is: "denied", said, explicable: true };
    if (status === 405 || status === 501)
        return { is: "impossible", said: `the server does not take this cancel (${said})` };
    if (status >= 500 && !isAnswer)
        return {
            is: "unknown",
            said: `the cancel was answered ${said}`,
            answered: true,
            isRestarting: [502, 503, 504].includes(status) || (status >= 520 && status <= 527),
        };
    if (isNoSuchCall(reply))
        return {
            is: "refused",
            said: `this server has no such call (${said})${since(reply)}`,
            conflict: false,
            final: true,
        };
    return { is: "refused", said, conflict: status === 409 };
}
/** A router's words in place of the vendor's: the address itself is not known. */
const isNoSuchCall = ({ kind, reply }) => kind === "not-found" && reply.status === 404 && typeof reply.body === "string";
const since = (reply) => (reply.since === undefined ? "" : `; ${reply.since}`);
/** What the reply to a forced stop, or the lack of one, means. */
function forceAnswerOf(reply) {
    if (reply instanceof HttpError) {
        const { kind, message: said, maybeSent } = reply;
        if (kind !== "denied" && maybeSent)
            return { is: "unknown", said };
        if (kind === "postponed")
            return { is: "unsent", said: `no forced stop was sent: ${said}` };
        return { is: "refused", said: `the forced stop could not be sent: ${said}`, denied: false };
    }
    const { kind, withReason } = reply;
    if (kind === "ok")
        return { is: "accepted", withReason };
    const missing = isNoSuchCall(reply) ? `; this server has no such call${since(reply)}` : "";
    const said = `the forced stop was answered ${reply.said}${missing}`;
    return reply.reply.status >= 500 && !reply.isAnswer
        ? { is: "unknown", said }
        : { is: "refused", said, denied: kind === "denied" };
}
// What is said of it
/** The cancel is out, or will never be: what is left is to watch. */
const isRequested = (story, step) => story.ending !== undefined || (story.asks > 0 && step.do === "look");
/** What is to be reported by now. */
function standing(story, { run, isSelf }) {
    const { ending, asks, observation } = story;
    if (ending === undefined)
        return {
            outcome: asks > 0 || isSelf ? "cancelling" : "failed",
            detail: asks > 0 ? "not confirmed yet" : "not asked yet",
            confirmed: null,
        };
    const { outcome, detail } = ending;
    const byLook = observation?.over && ["cancelled", "already-finished", "finished-anyway"].includes(outcome);
    return { outcome, detail, confirmed: byLook ? (story.confirmed ?? run.target.confirmed ?? "look") : null };
}
/** What an event has made known that is worth a warning, whatever the outcome is. */
function warnings(before, story, rules) {
    const { successor } = story;
    if (successor === before.successor || successor === undefined || successor === null)
        return [];
    const isLive = successor instanceof HttpError || !isEnd(successor.state);
    return isLive ? [inItsPlace(story, rules)] : [];
}
/** What an event has made known, for those who watch. */
function news(before, { look, previous, answer, forceAnswer }) {
    if (look !== before.look) {
        if (!look?.ok || look.over)
            return [];
        if (look.state !== "unknown" || look.word === previous?.word)
            return [look.state];
        return [`"${look.word}" is a state we do not know; it counts as not finished`, look.state];
    }
    if (answer !== before.answer)
        return answer?.is === "accepted" ? ["cancellation requested"] : [];
    if (forceAnswer === before.forceAnswer)
        return [];
    if (forceAnswer === undefined)
        return [];
    return [forceAnswer.is === "accepted" ? "forced stop requested" : forceAnswer.said];
}

;// CONCATENATED MODULE: ./lib/src/engine/stop.js







class Cancellation {
    run;
    isSelf;
    #isSelf;
    #session;
    #tools;
    #onStarted;
    #onTurn;
    #rules;
    #started;
    #story = story_untold;
    #said = "";
    /** Waits for another attempt since a cancel was last delivered: a server that asks for little, again and again, is not taken at its word. */
    #retries = 0;
    constructor(run, session, tools, options = {}) {
        const { settings, deadline, spell, clock } = tools;
        this.run = run;
        this.#isSelf = options.isSelf ?? (() => false);
        this.isSelf = this.#isSelf(run);
        this.#session = session;
        this.#tools = tools;
        this.#onStarted = options.onStarted;
        this.#onTurn = options.onTurn;
        this.#started = clock.now();
        this.#rules = {
            run,
            settings,
            deadline,
            spell,
            isSelf: this.isSelf,
            noLongerMatches: options.noLongerMatches,
            follows: options.onStarted !== undefined && run.target.downstream !== undefined,
        };
    }
    get outcome() {
        return this.#story.ending?.outcome;
    }
    /** Why a selected run was spared: it no longer matches. */
    get mismatch() {
        const { ending } = this.#story;
        return ending?.isMismatch ? ending.detail : undefined;
    }
    get label() {
        return label(this.run, this.run.ids, this.#story.observation?.name);
    }
    /** Until the cancel has been sent, or there is nothing to send. */
    async requestCancel() {
        for (let step = this.#next(); !isRequested(this.#story, step); step = this.#next())
            await this.#take(step);
    }
    /** Until the run is over or the deadline comes. */
    async watch() {
        while (this.outcome === undefined)
            await this.#take(this.#next());
    }
    /** Ends with an error that nobody foresaw. */
    breakOff(error) {
        this.#story = broken(this.#story, error, this.#tools.clock.now());
    }
    record() {
        const { settings, clock } = this.#tools;
        const { observation, before, asks, ending, reasonRecorded, forced: wasForced } = this.#story;
        const { outcome, detail, confirmed } = standing(this.#story, this.#rules);
        return {
            provider: this.run.key,
            target: this.run.targetName,
            // What it was given by names it in every line; the order is the target's.
            ids: { ...this.run.ids, ...this.#current.ids, ...observation?.learned, ...this.run.ids },
            url: observation?.page ?? ownPage(this.#current, observation?.learned ?? {}) ?? null,
            name: observation?.name ?? null,
            ref: observation?.ref ?? null,
            before: before ?? null,
            after: observation?.state ?? null,
            outcome,
            detail,
            reason: settings.reason,
            "reason-recorded": reasonRecorded,
            confirmed,
            attempts: asks,
            forced: wasForced,
            seconds: Math.round(((ending?.at ?? clock.now()) - this.#started) / 100) / 10,
            ...observation?.record,
        };
    }
    /** The run as it is now: an item of a queue may have become a build. */
    get #current() {
        return this.#story.run ?? this.run;
    }
    #next() {
        const { clock, interrupted } = this.#tools;
        const [run, learned] = [this.#current, this.#story.observation?.learned];
        const isSelf = this.isSelf || this.#isSelf({ ...run, ids: { ...run.ids, ...learned } });
        return next(this.#story, { ...this.#rules, isSelf }, {
            at: clock.now(),
            random: clock.random(),
            interrupted: interrupted.aborted,
            stopped: isStopped(interrupted),
        });
    }
    async #take(step) {
        const before = this.#story;
        this.#story = await this.#resultOf(step);
        for (const line of news(before, this.#story))
            this.#say(line);
        for (const line of warnings(before, this.#story, this.#rules))
            this.#tools.warn(`${this.label}: ${line}`);
    }
    async #resultOf(step) {
        const { clock, deadline, interrupted } = this.#tools;
        const [story, run, session] = [this.#story, this.#current, this.#session];
        switch (step.do) {
            case "look":
                return looked(story, await this.#look(), clock.now());
            case "list-jobs":
                return jobsListed(story, step.observation, await orError(jobsOf(run, session, this.#reading())));
            case "follow":
                return followed(story, step.observation, await this.#follow());
            case "find-successor":
                return succeeded(story, await orError(successorOf(run, session, this.#reading(), step.observation.body)));
            case "turn":
                this.#onTurn?.();
                await session.turn(run, deadline, interrupted);
                return turned(story, clock.now());
            case "cancel":
                // The report must not miss a cancel that is on its way.
                this.#story = story_asked(story);
                return answered(this.#story, await this.#cancel(step.retryUntil), clock.now());
            case "force":
                return forced(story, step.force, await this.#force(step), clock.now());
            case "rest":
                await clock.sleep(step.until - clock.now(), interrupted);
                return rested(story);
            case "explain":
                return explained(story, await this.#explain());
            case "end":
                return story_ended(story, step, clock.now());
        }
    }
    async #explain() {
        const { deadline, cutoff } = this.#tools;
        const { look: seen } = this.#story;
        if (this.#story.last === "look" && seen?.ok === false && seen.kind === "not-found")
            return await this.#session.explainMissing(this.#current, seen.detail, { ...this.#sending(), signal: cutoff });
        return await this.#session.explain(this.run, deadline, cutoff);
    }
    #look() {
        const { acceptedAt, wordWhenAsked } = this.#story;
        return look(this.#current, this.#session, this.#reading(), acceptedAt === undefined ? undefined : { word: wordWhenAsked });
    }
    /** Asked again as long as the run lives, because a run that is not started yet has no id. */
    async #follow() {
        const list = await orError(downstreamOf(this.#current, this.#session, this.#reading()));
        if (!(list instanceof HttpError))
            list.started.forEach((run) => this.#onStarted?.(run));
        return list;
    }
    async #cancel(retryUntil) {
        const run = this.#current;
        let mayHaveArrived = false;
        const onRetry = (why, wait) => {
            this.#retries++;
            this.#tools.say(retrying(why, wait));
        };
        const onUnclear = () => {
            mayHaveArrived = true;
        };
        const once = run.target.cancel.rewrites === true;
        const reply = await this.#send(run, run.target.cancel, {
            once,
            retryUntil,
            onUnclear,
            onRetry,
            attemptsBefore: this.#retries,
        });
        const shown = reply instanceof HttpError ? undefined : shownByReply(run, reply.reply.body, { word: this.#story.wordWhenAsked });
        const answer = answerOf(reply, shown, mayHaveArrived);
        if (answer.is !== "unsent")
            this.#retries = 0;
        return answer;
    }
    /** Whether an unclear answer has had an effect is for a look to say, not for another try. */
    async #force({ force, retryUntil }) {
        const { deadline, interrupted } = this.#tools;
        if (!force.each)
            return forceAnswerOf(await this.#send(this.#current, force, { once: true, retryUntil }));
        const parts = await orError(partsOf(this.#current, force.each, this.#session, this.#reading()));
        if (parts instanceof HttpError)
            return { is: "unsent", said: `no forced stop was sent: ${parts.message}` };
        const answers = [];
        for (const part of parts) {
            // The first has had its turn.
            if (answers.length > 0)
                await this.#session.turn(part, deadline, interrupted);
            answers.push(forceAnswerOf(await this.#send(part, force, { once: true })));
        }
        const none = `no forced stop was sent: none of its ${force.each.target}s is ${force.each.in.join(" or ")}`;
        return together(answers) ?? { is: "unsent", said: none };
    }
    #send(run, request, options) {
        const { cutoff, interrupted } = this.#tools;
        const sending = { ...this.#sending(), changes: true, signal: cutoff, interrupted, ...options };
        return orError(this.#session.send(run, request, sending));
    }
    /** A cancel whose turn has come waits for what is read for it; what has been asked to stop can wait for the others. */
    #reading() {
        const { turnAt, asks } = this.#story;
        const rank = turnAt !== undefined ? "due" : asks > 0 ? "watch" : "look";
        return { ...this.#sending(), signal: this.#tools.interrupted, rank };
    }
    #sending() {
        const { settings, deadline, say } = this.#tools;
        const { observation } = this.#story;
        return {
            reason: settings.reason,
            deadline,
            last: observation?.body,
            ...(observation && { learned: observation.learned }),
            onRetry: (why, wait) => {
                say(retrying(why, wait));
            },
        };
    }
    #say(line) {
        if (line !== this.#said)
            this.#tools.say(`${this.label}: ${line}`);
        this.#said = line;
    }
}
/** Of several forced stops, one that has an effect is enough for the run to have been forced. */
function together(answers) {
    const one = (is) => answers.find((answer) => answer.is === is);
    return one("accepted") ?? one("unknown") ?? answers[0];
}
async function orError(work) {
    try {
        return await work;
    }
    catch (error) {
        if (error instanceof HttpError)
            return error;
        // A call names an id that a look should have taught.
        if (error instanceof MissingValue)
            return new HttpError("protocol", error.message, false);
        throw error;
    }
}

;// CONCATENATED MODULE: ./lib/src/engine/scheduler.js
/** All runs of a step: every cancel of a server first, then the watching; a server that hangs delays no other. */







/** An unresponsive run delays the others of its server by this much at most, in ms. */
const gateTimeout = 15_000;
/** A run that has been looked at takes a cancel and a look. */
const leastRequests = 2;
class Scheduler {
    #options;
    #cancellations = new Map();
    #secondLooks = new Map();
    #gates = new Map();
    #tasks = [];
    /** Servers whose limit has been compared with what there is to do. */
    #checked = new Set();
    /** Our own run, if it may be cancelled, comes after all others. */
    #ownRuns = [];
    #open = 0;
    constructor(options) {
        this.#options = options;
    }
    get cancellations() {
        return [...this.#cancellations.values()];
    }
    /** Takes a run on, once. */
    add(run, secondLook) {
        const key = runKey(run);
        if (this.#cancellations.has(key))
            return;
        const { tools, sessionOf, isSelf } = this.#options;
        const cancellation = new Cancellation(run, sessionOf(run), tools, {
            isSelf,
            noLongerMatches: secondLook?.noLongerMatches,
            onTurn: () => this.#checkQuota(run),
            ...(tools.settings.downstream && {
                onStarted: (child) => {
                    this.add(child);
                },
            }),
        });
        this.#cancellations.set(key, cancellation);
        if (secondLook)
            this.#secondLooks.set(cancellation, secondLook);
        this.#open++;
        if (cancellation.isSelf && tools.settings.self)
            this.#ownRuns.push(cancellation);
        else
            this.#tasks.push(this.#task(cancellation));
    }
    /** Until every run has its outcome. */
    async work() {
        for (;;) {
            while (this.#tasks.length > 0)
                await Promise.all(this.#tasks.splice(0));
            const cancellation = this.#ownRuns.shift();
            if (!cancellation)
                return;
            await this.#followFirst(cancellation);
            while (this.#tasks.length > 0)
                await Promise.all(this.#tasks.splice(0));
            // The call may end this process: outputs first, and then hold, so that no later step of a cancelled job runs.
            await this.#options.flush();
            await this.#finish(cancellation, () => cancellation.requestCancel());
            await this.#finish(cancellation, () => cancellation.watch());
        }
    }
    /** Says once per server, before its first cancel, that the server's own limit is too low for what is left to do. */
    #checkQuota(run) {
        const { tools, sessionOf } = this.#options;
        const { clock, deadline } = tools;
        const { host, origin } = new URL(run.place.api);
        if (this.#checked.has(origin))
            return;
        this.#checked.add(origin);
        const quota = sessionOf(run).quota(run);
        // Our own run is not among those at the gate.
        const runs = Math.max(1, this.#gates.get(origin)?.entered ?? 0);
        const needed = runs * leastRequests;
        if (quota === undefined || quota.remaining >= needed || quota.resetsAt <= deadline)
            return;
        const time = (0,src_text/* duration */.p0)(quota.resetsAt - clock.now());
        tools.warn(`${host} leaves ${quota.remaining} requests for the next ${time}, and ${runs === 1 ? "one run takes" : `${runs} runs take`} at least ${needed}: not all of this can be finished within ${tools.spell("timeout")}`);
    }
    /** What our own run has started goes before it: nobody is left to do it afterwards. Where a job may spare our run, it is not known yet whether to. */
    async #followFirst({ run }) {
        const { tools, sessionOf } = this.#options;
        const { downstream, unlessJob, reason } = tools.settings;
        if (!downstream || unlessJob !== undefined)
            return;
        try {
            const sending = { reason, deadline: tools.deadline, signal: tools.interrupted };
            for (const child of (await downstreamOf(run, sessionOf(run), sending)).started)
                this.add(child);
        }
        catch {
            // It is asked again, and spoken of, when the run itself is.
        }
    }
    async #task(cancellation) {
        const gate = this.#gate(new URL(cancellation.run.place.api).origin);
        gate.entered++;
        try {
            await this.#finish(cancellation, () => cancellation.requestCancel());
        }
        finally {
            gate.leave();
        }
        const { clock, deadline } = this.#options.tools;
        if (gate.entered > 0)
            await clock.sleep(Math.min(gateTimeout, (deadline - clock.now()) / 2), gate.opened);
        else
            await gate.open;
        await this.#finish(cancellation, () => cancellation.watch());
    }
    #gate(origin) {
        const known = this.#gates.get(origin);
        if (known)
            return known;
        const opening = new AbortController();
        (0,external_node_events_.setMaxListeners)(0, opening.signal);
        let opened;
        const open = new Promise((resolve) => (opened = resolve));
        const gate = {
            entered: 0,
            open,
            opened: opening.signal,
            leave: () => {
                gate.entered--;
                if (gate.entered === 0)
                    void this.#options.flush().then(() => {
                        opening.abort();
                        opened();
                    });
            },
        };
        this.#gates.set(origin, gate);
        return gate;
    }
    async #finish(cancellation, work) {
        if (cancellation.outcome !== undefined)
            return;
        // One run's story must not end the others', nor the report.
        await work().catch((error) => {
            cancellation.breakOff(error);
        });
        if (cancellation.outcome === undefined)
            return;
        this.#open--;
        const { tools, progress, onProgress } = this.#options;
        const { mismatch } = cancellation;
        const isSpared = cancellation.outcome === "spared" && mismatch !== undefined;
        if (isSpared && this.#secondLooks.get(cancellation)?.isUntold(mismatch))
            tools.warn(`${cancellation.label}: ${leftAlone({ why: mismatch })}`);
        // The last ending is told by the report.
        if (this.#open > 0) {
            tools.say(`${cancellation.label}: ${words_sentence(cancellation.record())}`);
            const left = (0,src_text/* duration */.p0)(Math.max(0, tools.deadline - tools.clock.now()));
            progress(`${this.#cancellations.size - this.#open} of ${this.#cancellations.size} done, ${left} left`);
        }
        await onProgress();
    }
}

;// CONCATENATED MODULE: ./lib/src/engine/step.js
/** What a step works with: its clock, its sessions, its scheduler, and the report as it grows. */





/** A cancel that was not sent when the signal came may still take this long. */
const graceAfterInterrupt = 5000;
/** Least time between early writes of the outputs. */
const writePause = 1000;
/** And more where there is much to write: the outputs of a step are appended, not replaced. */
const writePausePerRun = 20;
/** `start`: monotonic time at which the step began. */
function openStep({ host, clock, transport, interrupted }, { settings, grants }, start) {
    const done = new AbortController();
    // Every run waits for these; Node.js takes more than ten listeners for a leak, and says so in the log.
    (0,external_node_events_.setMaxListeners)(0, interrupted);
    (0,external_node_events_.setMaxListeners)(0, done.signal);
    const tools = {
        settings,
        clock,
        deadline: start + settings.timeout,
        interrupted,
        cutoff: after(interrupted, graceAfterInterrupt, clock, done.signal),
        say: (line) => {
            host.log(line);
        },
        warn: (line) => {
            host.warn(line);
        },
        debug: debugOf(settings, host),
        spell: (name) => host.spell(name),
    };
    const sessionOf = connect_connect({
        debug: tools.debug,
        clock,
        transport,
        grants,
        mask: (secret) => {
            host.mask(secret);
        },
    });
    let written = -Infinity;
    async function flush() {
        written = clock.now();
        await host.report(summary(), false);
    }
    const scheduler = new Scheduler({
        tools,
        sessionOf,
        isSelf: (run) => isSelf(run, host.platform),
        progress: (line) => {
            host.progress(line);
        },
        onProgress: async () => {
            const pause = writePause + scheduler.cancellations.length * writePausePerRun;
            if (clock.now() - written >= pause)
                await flush();
        },
        flush,
    });
    function summary() {
        const records = scheduler.cancellations.map((cancellation) => cancellation.record());
        return summarize(records, settings.failOn, interrupted.aborted);
    }
    return { tools, sessionOf, scheduler, summary, close: () => done.abort() };
}
/** Where lines for those who ask for them go; undefined where nobody does. */
function debugOf({ debug }, host) {
    if (!debug && !host.isDebug)
        return undefined;
    return (line) => {
        host.debug(line);
    };
}
/** A signal that follows another one `ms` later, or when all is done. */
function after(signal, ms, clock, done) {
    const later = new AbortController();
    (0,external_node_events_.setMaxListeners)(0, later.signal);
    const start = () => void clock.sleep(ms, done).then(() => {
        later.abort();
    });
    if (signal.aborted)
        start();
    else
        signal.addEventListener("abort", start, { once: true });
    return later.signal;
}

;// CONCATENATED MODULE: ./lib/src/engine/migrants.js
/** Inputs of the actions that people come from, and what to write instead. docs/migrating.md says the same; a test compares. */
const styfle = ["styfle/cancel-workflow-action"];
const potiuk = ["potiuk/cancel-workflow-runs"];
const fkirc = ["fkirc/skip-duplicate-actions"];
const notNeeded = "here it is {token}, which is not needed for the repository the step runs in";
const ownStep = "there is none here: use a step of your own, such as `gh pr comment`";
const noSkip = "it decides whether to skip, which this step does not do";
/** By the name in their `action.yml`. step-security's forks have those of their originals. */
const migrants = {
    workflow_id: { of: styfle, instead: "here it is {workflow}" },
    access_token: { of: styfle, instead: notNeeded },
    ignore_sha: {
        of: styfle,
        instead: "here a selection takes no notice of the commit: give {pull-request} or {branch}",
    },
    all_but_latest: { of: styfle, instead: "here it is {keep-newest} with the value 1" },
    only_status: { of: styfle, instead: "here it is {status}, in words of ours" },
    force_cancel: { of: styfle, instead: "here it is {force-after}, with a time such as 30s" },
    cancelMode: {
        of: potiuk,
        instead: "here it is {keep-newest}, {older-than-this}, {with-job}, {with-failed-job} or {self}",
    },
    cancelFutureDuplicates: { of: potiuk, instead: "here it is {keep-newest} with the value 1, or {older-than-this}" },
    sourceRunId: { of: potiuk, instead: "here it is {run-id}, or {workflow} with {branch}" },
    jobNameRegexps: { of: potiuk, instead: "here it is {with-job} or {with-failed-job}, in which * stands for any text" },
    skipEventTypes: { of: potiuk, instead: "here it is {event}, which names those that may be cancelled" },
    selfPreservation: { of: potiuk, instead: "here it is {self}, the other way round" },
    workflowFileName: { of: potiuk, instead: "here it is {workflow}" },
    notifyPRCancel: { of: potiuk, instead: ownStep },
    notifyPRCancelMessage: { of: potiuk, instead: ownStep },
    notifyPRMessageStart: { of: potiuk, instead: ownStep },
    cancel_others: { of: fkirc, instead: "here it is {branch} with {older-than-this}" },
    github_token: { of: fkirc, instead: notNeeded },
    paths: { of: fkirc, instead: noSkip },
    paths_ignore: { of: fkirc, instead: noSkip },
    paths_filter: { of: fkirc, instead: noSkip },
    do_not_skip: { of: fkirc, instead: noSkip },
    concurrent_skipping: { of: fkirc, instead: noSkip },
    skip_after_successful_duplicate: { of: fkirc, instead: noSkip },
};

;// CONCATENATED MODULE: ./lib/src/engine/unknown-inputs.js






/** Throws `UsageError` for names that are meant for us; a line about the others, if there are any. */
function checkNames(host, providers) {
    const given = host.strangers
        .filter(({ value }) => value.trim() !== "")
        .map((stranger) => ({ stranger, ...mistake(stranger.name, providers, host.spell) }))
        // A variable that a workflow keeps for our input, and hands over, loses nothing.
        .filter(({ stranger, meant }) => !meant.some((name) => host.input(name).trim() === stranger.value.trim()));
    const wrong = given.flatMap(({ stranger, say }) => (say === undefined ? [] : [`${unknown_inputs_shown(stranger)} ${say}`]));
    if (wrong.length > 0)
        throw new usage_UsageError(wrong.join("; "));
    if (given.length === 0)
        return undefined;
    const names = given.map(({ stranger }) => unknown_inputs_shown(stranger));
    return `not an input of cancel-run, and ignored: ${(0,src_text/* oneOf */.yL)(names, "and")}`;
}
/** Of what somebody else has written no more is shown than a name. */
const unknown_inputs_shown = ({ spelled }) => (0,src_text/* oneLine */.TN)(spelled, 60);
/** What somebody meant by an input that there is not. */
function mistake(name, providers, spell) {
    const ids = idNames(providers);
    const names = [...interface_inputs.map((input) => input.name), ...interface_idInputNames];
    const theirs = Object.entries(migrants).find(([one]) => canonical(one) === canonical(name))?.[1];
    // `workflow-id`, by its separator alone, is more likely theirs.
    if (theirs !== undefined) {
        const meant = [...theirs.instead.matchAll(/\{([a-z-]+)\}/g)].flatMap(([, one]) => (one === undefined ? [] : [one]));
        const instead = theirs.instead.replace(/\{([a-z-]+)\}/g, (_, one) => spell(one));
        return { meant, say: `is an input of ${(0,src_text/* oneOf */.yL)(theirs.of)}; ${instead} (docs/migrating.md)` };
    }
    if (names.includes(name))
        return { meant: [name], say: isSecret(name) ? undefined : `is not read here; give ${spell(name)}` };
    if (ids.includes(name))
        return { meant: [], say: `is an id that is not an input of its own: give ${spell(name)}` };
    const near = nearest(name, [...names, ...ids]);
    if (near === undefined)
        return { meant: [], say: undefined };
    return { meant: [near], say: `is not an input; did you mean ${spell(near)}?` };
}

;// CONCATENATED MODULE: ./lib/src/main.js
/** The story: read inputs → locate runs → look → cancel → watch → force → report. */












/** Runs the step. Resolves with its exit code; never rejects for anything that a run or a server does. */
async function cancelRun(deps) {
    const { host, clock } = deps;
    const start = clock.now();
    const plan = await prepare(deps, start);
    if (plan === 2 || plan === 130)
        await host.report({ ...summarize([], []), outcome: "failed", exit: plan }, false);
    if (typeof plan === "number")
        return plan;
    maskCredentials(plan.grants, host);
    const step = openStep(deps, plan, start);
    for (const run of plan.runs)
        step.scheduler.add(run);
    const { runs, report: note } = await chooseRuns(plan, step, host);
    for (const { run, secondLook } of runs)
        step.scheduler.add(run, secondLook);
    // A step that is killed while it asks has outputs, too.
    await host.report({ ...step.summary(), ...note }, false);
    await step.scheduler.work();
    step.close();
    const report = { ...step.summary(), ...(plan.note !== undefined && { note: plan.note }), ...note };
    const kept = await host.report(report, true, Math.max(step.tools.deadline - clock.now(), graceForReport));
    return kept || report.exit !== 0 ? report.exit : 1;
}
/** Least time for the report to be read, also where the deadline has come. In ms. */
const graceForReport = 5000;
/** Reads and checks everything before anything is sent; an exit code when there is nothing to do. */
async function prepare(deps, start) {
    try {
        return await decide(deps, start);
    }
    catch (error) {
        if (error instanceof Interrupted) {
            deps.host.warn(error.message);
            return 130;
        }
        if (!(error instanceof usage_UsageError))
            throw error;
        deps.host.usage(error.message);
        return 2;
    }
}
async function decide(deps, start) {
    const { host, providers } = deps;
    // Known before all else is read: an input that is wrong by now must not silence a guard.
    const when = host.input("when").trim() || "now";
    const decision = due(when, host.job);
    if (when === "now" && decision === "skip")
        return 0;
    const strangers = checkNames(host, providers);
    const settings = readSettings(host, providers);
    if (decision === "skip")
        return 0;
    if (strangers !== undefined && host.job?.again !== true)
        host.warn(strangers);
    const warning = contradiction(when, decision, host);
    if (warning !== undefined)
        host.warn(warning);
    if (warning !== undefined && decision === "cannot tell")
        return 0;
    if (decision === "cannot tell" && host.job === undefined)
        throw cannotTell(when, host);
    const identified = new Map();
    const spell = (name) => host.spell(name);
    const read = (path) => host.read(path);
    const lookup = { providers, env: host.env, platform: host.platform, identified, spell, read };
    const { idFile } = settings;
    const uncertain = idFile === undefined ? undefined : checkIdFile(settings, idFile, host, providers);
    if (decision === "arm" && uncertain !== undefined)
        host.warn(uncertain);
    // What it is to hold has not been started yet.
    if (decision === "arm" && idFile !== undefined)
        return arm(host, when);
    for (;;) {
        try {
            const named = idFile === undefined ? settings : withIdFile(settings, idFile, host, providers);
            const plan = makePlan(named, lookup);
            if (decision === "arm")
                return arm(host, when);
            if (decision === "cannot tell")
                throw cannotTell(when, host);
            return plan;
        }
        catch (error) {
            if (when !== "now" && error instanceof MissingId)
                return withoutId(error, decision, host);
            if (error instanceof NotStarted)
                return nothingStarted(settings, error);
            if (!(error instanceof Unidentified))
                throw error;
            // While it is armed a guard sends nothing.
            if (decision === "arm")
                return arm(host, when);
            if (decision === "cannot tell")
                throw cannotTell(when, host);
            identified.set(error.server, await identify(error, deps, start + settings.timeout, debugOf(settings, host)));
        }
    }
}
function makePlan(settings, lookup) {
    const { runs, query } = locate(settings, lookup);
    const asked = query ? [query] : runs;
    const grants = grant(asked, settings, lookup);
    checkReach(asked, settings, lookup);
    if (query)
        checkSelection(query, settings.selection, lookup);
    return { settings, runs, query, grants };
}
function nothingStarted(settings, { message }) {
    const note = `nothing to cancel: ${message}, so what it is to name has not been started`;
    return { settings, runs: [], query: undefined, grants: new Map(), note };
}
function maskCredentials(grants, host) {
    for (const granted of grants.values())
        for (const secret of secretsOf(granted))
            host.mask(secret);
}
async function chooseRuns({ settings, query }, { tools, sessionOf }, host) {
    if (!query)
        return { runs: [], report: {} };
    const { deadline, interrupted, clock, say, warn, spell, debug } = tools;
    const now = clock.date().getTime();
    const sending = { reason: settings.reason, deadline, signal: interrupted };
    const rest = (ms) => clock.sleep(Math.max(0, Math.min(ms, deadline - clock.now())), interrupted);
    const { platform } = host;
    return await choose(query, {
        settings,
        session: sessionOf(query),
        sending,
        platform,
        say,
        warn,
        rest,
        spell,
        now,
        debug,
    });
}

;// CONCATENATED MODULE: ./lib/src/kit.js
/** The vendor's words, letter for letter, by what they mean to us. */
function states(words) {
    return Object.fromEntries(Object.entries(words).flatMap(([ours, theirs]) => theirs.map((word) => [word, ours])));
}
/** A positive number of at most so many digits, ten if not given. */
function number(help, example, more = {}) {
    const { digits = 10, ...rest } = more;
    return { pattern: new RegExp(`[1-9]\\d{0,${digits - 1}}`), help, example, ...rest };
}
/** In lower case, as most servers write it. */
function uuid(help, example, more = {}) {
    return { pattern: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/, help, example, ...more };
}
/** `Authorization: Bearer`. The variables of the vendor's own tools hold the token. */
function bearer(...token) {
    return { scheme: "bearer", env: token.length > 0 ? { token } : {} };
}
/** The token in a header of the vendor's own. */
function inHeader(header, ...token) {
    return { scheme: "header", header, env: { token } };
}
/** The last way in: a server that asks for no credential, as those that people run themselves may. */
const nothing = { scheme: "none", env: {} };
/** A list in pages, the next of which is in the Link header. */
function linkedPages(path, items = "") {
    return { route: `GET ${path}`, items, next: "link" };
}
/** A list in pages, which are counted: the body says how many items there are. */
function numberedPages(path, items) {
    return { route: `GET ${path}`, items, next: { page: "page", total: "total_count" } };
}
/** Regions by their names. */
function regions(...names) {
    return new RegExp(names.join("|"));
}
function get(path, more = {}) {
    return { route: `GET ${path}`, ...more };
}
function post(path, more = {}) {
    return { route: `POST ${path}`, ...more };
}

;// CONCATENATED MODULE: ./lib/src/providers/airflow.js
// https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html#operation/patch_dag_run

const dagRun = "/dags/{dag-id}/dagRuns/{dag-run-id}";
/** A note that somebody has written is kept: a new one would take its place. */
function hasNoNote({ note }) {
    return typeof note !== "string" || note === "";
}
/** A task that is not scheduled yet has none. */
function stateOfTask({ state }) {
    return state ?? "none";
}
/** Its own words, or what is wrong with a field. */
function messageOf({ detail }) {
    return typeof detail === "string" ? detail : detail[0].msg;
}
/** There is no word for a cancelled run: it is marked as failed, what runs is killed, and teardown tasks still run. */
const markFailed = `PATCH ${dagRun}`;
const failed = { route: markFailed, body: { state: "failed" } };
/**
 * A run that has succeeded is rewritten by it, and answered 200, too. Nothing in the API says "only if it still runs", so what ends
 * between a look and the call right after it is lost.
 */
const cancel = {
    choose: [{ route: markFailed, body: { state: "failed", note: "{reason:1000}" }, when: hasNoNote }, failed],
    reply: { state: "state", shows: { "dag-id": "dag_id", "dag-run-id": "dag_run_id" } },
    rewrites: true,
};
const jobs = {
    ...get(`${dagRun}/taskInstances?limit=100`),
    items: "task_instances",
    next: { offset: "offset", total: "total_entries" },
    name: "task_id",
    state: stateOfTask,
};
/** Roles as the auth manager of FAB has them; another one may call them otherwise. */
const permissions = {
    look: "`DAGs.can_read` and `DAG Runs.can_read`, as the role Viewer has them",
    cancel: "`DAGs.can_edit` and `DAG Runs.can_edit`, as the role User has them",
    docs: "https://airflow.apache.org/docs/apache-airflow-providers-fab/stable/auth-manager/access-control.html",
};
const run = {
    ids: {
        "dag-id": { pattern: /[\w.-]+/, help: "id of the Dag", example: "deploy" },
        "dag-run-id": {
            // Airflow's own default: https://airflow.apache.org/docs/apache-airflow/stable/configurations-ref.html#allowed-run-id-pattern
            pattern: /[A-Za-z0-9_.~:+-]+/,
            help: "id of the Dag run, as in its page's address",
            example: "manual__2026-11-26T11:41:53.414863+00:00",
        },
    },
    pages: ["{server}/dags/{dag-id}/runs/{dag-run-id}"],
    permissions,
    look: {
        ...get(dagRun),
        state: "state",
        // A run that is cleared begins again under the same id, and is queued anew.
        attempt: "queued_at",
        shows: { "dag-id": "dag_id", "dag-run-id": "dag_run_id" },
        record: { note: "note", "run-type": "run_type" },
    },
    cancel,
    // Once our cancel was accepted it is what it did.
    statesAfterCancel: { failed: "cancelled" },
    jobs: [jobs],
    // Run and tasks are marked at once, and a worker hears of it with its next heartbeat.
    confirmed: "status-only",
};
const airflow = {
    name: "Apache Airflow",
    docs: "https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html#operation/patch_dag_run",
    rights: "A user who may edit the runs of that Dag, such as one with the role User or Op.",
    server: { api: "/api/v2", selfHosted: true },
    auth: [bearer("AIRFLOW_CLI_TOKEN"), { scheme: "password-token", env: {}, login: "/auth/token" }, nothing],
    errors: { message: messageOf },
    // Those of runs and those of tasks; one that waits for its retry, or for somebody's input, has begun.
    states: states({
        queued: ["queued", "scheduled", "none"],
        running: ["running", "restarting", "up_for_retry", "up_for_reschedule", "deferred", "awaiting_input"],
        succeeded: ["success"],
        failed: ["failed"],
        skipped: ["skipped", "removed", "upstream_failed"],
    }),
    targets: { "dag-run": run },
    mistakenPages: {
        "/dags/{dag-id}/grid?dag_run_id={dag-run-id}": "a page of Airflow 2, whose API is another one; this takes Airflow 3",
    },
    unverified: [
        "A run that ends by itself between the last look and the call right after it is rewritten: a success is then shown as failed in Airflow, and reported here as cancelled. Airflow's API has no way to rule that out.",
        "A run that fails by itself in that moment is reported as cancelled, too.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/argo-cd.js
// https://argo-cd.readthedocs.io/en/stable/developer-guide/api-docs/
// https://github.com/argoproj/argo-cd/blob/v3.6.1/assets/swagger.json

/** An application is in one place; to ask for it there makes a missing one a 404, which is a 403 else. */
const application = "/applications/{name}?appNamespace={app-namespace}&project={project}";
/**
 * An operation that the controller has not begun stands beside what is told of the one before:
 * controller/appcontroller.go, processRequestedAppOperation.
 */
function argo_cd_isRequested({ operation, status }) {
    const phase = status.operationState?.phase;
    return Boolean(operation) && (phase === undefined || /^(?:Succeeded|Failed|Error)$/.test(phase));
}
/**
 * The phase of the operation. One that was terminated has failed, with a message that says so:
 * gitops-engine/pkg/sync/sync_context.go. The controller terminates by itself what takes too long, and adds that to the message.
 */
function argo_cd_stateOf(body) {
    if (argo_cd_isRequested(body))
        return "Requested";
    const { phase, message } = body.status.operationState ?? { phase: "No operation" };
    const isTerminated = phase === "Failed" && /^Operation terminated(?!, triggered by)/.test(message);
    return isTerminated ? "Terminated" : phase;
}
/** The next operation has another start. */
function startOf(body) {
    return argo_cd_isRequested(body) ? undefined : body.status.operationState.startedAt;
}
/** Resources and hooks of the operation, as far as they are known. */
function resourcesOf(body) {
    return argo_cd_isRequested(body) ? [] : (body.status.operationState?.syncResult?.resources ?? []);
}
/** What is applied has a phase as hooks have; before that there may be a result, or nothing. */
function stateOfResource({ hookPhase, status }) {
    return hookPhase || status || "Pending";
}
/**
 * Hooks that run are ended. What is applied stays, and goes on in the cluster. Nothing in the call says which operation is meant, so
 * one that begins between a look and the call right after it is hit.
 */
const argo_cd_cancel = {
    route: "DELETE /applications/{name}/operation?appNamespace={app-namespace}&project={project}",
    rewrites: true,
};
const argo_cd_jobs = { ...get(application), items: resourcesOf, name: "name", state: stateOfResource };
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const kubernetesName = /[a-z0-9][a-z0-9.-]{0,252}/;
function named(help, example, more = {}) {
    return { pattern: kubernetesName, help, example, ...more };
}
const operation = {
    ids: {
        project: named("project of the application", "default", { optional: true }),
        "app-namespace": named("namespace of the application, if not that of Argo CD", "argocd", { optional: true }),
        name: named("name of the application", "guestbook"),
    },
    // The last one is what the command line and notifications print.
    pages: ["{server}/applications/{app-namespace}/{name}", "{server}/applications/{name}"],
    permissions: {
        look: "`applications, get` for the application, in Argo CD's RBAC",
        cancel: "`applications, sync` for the application, in Argo CD's RBAC",
        docs: "https://argo-cd.readthedocs.io/en/stable/operator-manual/rbac/",
    },
    look: {
        ...get(application),
        state: argo_cd_stateOf,
        name: "metadata.name",
        attempt: startOf,
        learn: { "app-namespace": "metadata.namespace", project: "spec.project" },
        shows: { name: "metadata.name", "app-namespace": "metadata.namespace", project: "spec.project" },
        record: {
            message: "status.operationState.message",
            revision: "status.operationState.syncResult.revision",
            "initiated-by": "status.operationState.operation.initiatedBy.username",
        },
    },
    cancel: argo_cd_cancel,
    jobs: [argo_cd_jobs],
};
const argoCd = {
    name: "Argo CD",
    docs: "https://argo-cd.readthedocs.io/en/stable/developer-guide/api-docs/",
    rights: "A token of a project's role, or of an account with an API key, that may `get` and `sync` the application. An application that is not " +
        "there is answered like one that the token may not see, unless `project` is given.",
    whoami: [
        {
            ...get("/session/userinfo"),
            docs: "https://github.com/argoproj/argo-cd/blob/v3.6.1/assets/swagger.json",
            who: "username",
        },
    ],
    server: { api: "/api/v1", env: ["ARGOCD_SERVER"], selfHosted: true },
    auth: [bearer("ARGOCD_AUTH_TOKEN")],
    errors: { message: ["message", "error"] },
    states: states({
        // The last words of each line are those of a resource or a hook.
        queued: ["Requested", "Pending"],
        running: ["Running"],
        cancelling: ["Terminating"],
        cancelled: ["Terminated"],
        succeeded: ["Succeeded", "Synced", "Pruned"],
        failed: ["Failed", "Error", "SyncFailed"],
        skipped: ["No operation", "PruneSkipped"],
    }),
    targets: { operation },
    unverified: [
        "Everything but the requests, which are those of the project's own description of its API: no cluster was had. Phases and messages are those of its sources.",
        "An operation that begins between the last look and the call right after it is terminated in the place of the one that was meant. Argo CD's API has no way to rule that out.",
        "By its sources, an operation that is requested and not begun is terminated under the start and the result of the one before it, and the very first one of an application cannot be terminated before it has begun.",
        "By its sources, an operation that a sync window blocks stays `Terminating` as long as the window does.",
        "Automated sync and self-heal may begin another operation right after: it has another start, and is left alone.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/argo-workflows.js
// https://argo-workflows.readthedocs.io/en/latest/swagger/
// https://github.com/argoproj/argo-workflows/blob/v4.0.5/server/workflow/workflow_server.go

const workflow = "/workflows/{namespace}/{name}";
/**
 * Its phase, but for one that is told to shut down or to wait. A workflow that the controller has not seen yet has none. One that was
 * stopped has failed, with a message that says so: workflow/controller/operator.go.
 */
function argo_workflows_stateOf({ spec, status }) {
    const { phase = "", message = "" } = status;
    if (phase === "Failed" || phase === "Error")
        return message.startsWith("Stopped with strategy") ? "Stopped" : phase;
    if (phase === "Succeeded")
        return phase;
    return spec.shutdown || (spec.suspend ? "Suspended" : phase || "Pending");
}
/** Every node but the workflow's own; there is none before it has begun. */
function nodesOf({ metadata, status }) {
    const nodes = Object.values(status.nodes ?? {});
    return nodes.filter(({ name }) => name !== metadata.name);
}
const reading = {
    state: argo_workflows_stateOf,
    shows: { namespace: "metadata.namespace", name: "metadata.name" },
};
/**
 * Exit handlers still run. A `message` is for single nodes only, and is dropped here: workflow/util/util.go. Of a workflow that is
 * over the server says so with a 500.
 */
const argo_workflows_cancel = {
    route: `PUT ${workflow}/stop`,
    body: { namespace: "{namespace}", name: "{name}" },
    refusedStatus: [500],
    reply: reading,
};
/** At once, and without exit handlers. */
const force = {
    route: `PUT ${workflow}/terminate`,
    body: { namespace: "{namespace}", name: "{name}" },
    refusedStatus: [500],
    called: "`terminate`",
};
const argo_workflows_jobs = {
    ...get(`${workflow}?fields=metadata.name,status.nodes`),
    items: nodesOf,
    name: "displayName",
    state: "phase",
};
const argo_workflows_permissions = {
    look: "the verb `get` on `workflows.argoproj.io` in that namespace, for the token's service account",
    cancel: "the verbs `get` and `patch` on `workflows.argoproj.io` in that namespace, for the token's service account",
    docs: "https://argo-workflows.readthedocs.io/en/latest/access-token/",
};
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const argo_workflows_kubernetesName = /[a-z0-9][a-z0-9.-]{0,252}/;
function argo_workflows_named(help, example, more = {}) {
    return { pattern: argo_workflows_kubernetesName, help, example, ...more };
}
const target = {
    ids: {
        namespace: argo_workflows_named("namespace of the workflow", "argo", { env: ["ARGO_NAMESPACE"] }),
        name: argo_workflows_named("name of the workflow", "deploy-8x2kf", {
            hint: "the alias @latest may be another workflow a moment later",
        }),
    },
    pages: ["{server}/workflows/{namespace}/{name}"],
    permissions: argo_workflows_permissions,
    look: {
        // Without the nodes, of which there may be thousands.
        ...get(`${workflow}?fields=metadata.name,metadata.namespace,spec.shutdown,spec.suspend,status.phase,status.message,status.startedAt`),
        ...reading,
        // A workflow that is retried begins again under the same name.
        attempt: "status.startedAt",
        record: { message: "status.message" },
    },
    cancel: argo_workflows_cancel,
    force: [force],
    jobs: [argo_workflows_jobs],
};
const argoWorkflows = {
    name: "Argo Workflows",
    docs: "https://argo-workflows.readthedocs.io/en/latest/swagger/",
    rights: "The bearer token of a Kubernetes service account that may get and patch workflows in that namespace, or one of single sign-on.",
    whoami: [
        {
            ...get("/userinfo"),
            docs: "https://argo-workflows.readthedocs.io/en/latest/swagger/",
            who: ["email", "name", "serviceAccountName", "subject"],
        },
    ],
    server: { api: "/api/v1", env: ["ARGO_SERVER"], selfHosted: true },
    auth: [bearer({ name: "ARGO_TOKEN", hasScheme: true }), nothing],
    errors: { message: ["message", "error"] },
    states: states({
        // The words of a workflow and those of its nodes.
        queued: ["Pending"],
        running: ["Running"],
        blocked: ["Suspended"],
        cancelling: ["Stop", "Terminate"],
        cancelled: ["Stopped"],
        succeeded: ["Succeeded"],
        failed: ["Failed", "Error"],
        skipped: ["Skipped", "Omitted"],
    }),
    targets: { workflow: target },
    unverified: [
        "Everything but the requests, which are those of the project's own client: no cluster was had. States and messages are those of its sources.",
        "Its document has a role with `list` and `update` as an example; `get` and `patch` are what the server's source asks Kubernetes for.",
        "By its sources, a workflow that was suspended as a whole ends only when it is resumed, whether it was told to stop or to terminate, and one that waits for its own synchronization lock ends only when it gets it, or with `force-after`. Until then it is reported as still running.",
        "By its sources, version 4.0.5 marks a workflow that is terminated while it waits for that lock as Succeeded, although nothing of it ran: it is reported as finished anyway.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/aws-codepipeline.js
// https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StopPipelineExecution.html
// Servers and regions: botocore 1.44.8, botocore/data/partitions.json and endpoints.json
// Consoles: aws-cli, awscli/customizations/console.py

/** The operation is named in a header; every call is a POST to the root of the service. */
function aws_codepipeline_operation(name, body) {
    return {
        route: "POST /",
        headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `CodePipeline_20150709.${name}` },
        body,
    };
}
const execution = { pipelineName: "{pipeline}", pipelineExecutionId: "{execution-id}" };
/** Without `abandon`, actions that run are finished; with it they are left to themselves. */
function stop(abandon) {
    return aws_codepipeline_operation("StopPipelineExecution", { ...execution, abandon, reason: "{reason:200}" });
}
const aws_codepipeline_force = { ...stop(true), called: "`abandon`", confirmed: "status-only" };
/** Regions by partition: botocore/data/partitions.json. */
const partitions = {
    aws: /(?:us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+/,
    "aws-us-gov": /us-gov-[a-z]+-\d+/,
    "aws-cn": /cn-[a-z]+-\d+/,
    "aws-eusc": /eusc-de-[a-z]+-\d+/,
    "aws-iso-f": /us-isof-[a-z]+-\d+/,
};
/** By partition. A region that is in no list yet is taken if it has a partition's form, as the official clients do. */
const servers = [
    { regions: partitions.aws, url: "https://codepipeline.{region}.amazonaws.com" },
    { regions: partitions["aws-us-gov"], url: "https://codepipeline.{region}.amazonaws.com" },
    { regions: partitions["aws-cn"], url: "https://codepipeline.{region}.amazonaws.com.cn" },
    { regions: partitions["aws-eusc"], url: "https://codepipeline.{region}.amazonaws.eu" },
    { regions: partitions["aws-iso-f"], url: "https://codepipeline.{region}.csp.hci.ic.gov" },
];
/** botocore/data/endpoints.json */
const tokenServices = [
    { regions: partitions.aws, url: "https://sts.{region}.amazonaws.com" },
    { regions: partitions["aws-us-gov"], url: "https://sts.{region}.amazonaws.com" },
    { regions: partitions["aws-cn"], url: "https://sts.{region}.amazonaws.com.cn" },
    { regions: partitions["aws-eusc"], url: "https://sts.{region}.amazonaws.eu" },
];
/** The identity in a reply that is XML. */
function arnIn(text) {
    return /<Arn>([^<]{1,2000})<\/Arn>/.exec(text)?.[1];
}
/** Needs no permission. What the identity may do cannot be asked without one. */
const whoami = {
    route: "POST /",
    form: { Action: "GetCallerIdentity", Version: "2011-06-15" },
    text: true,
    docs: "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html",
    service: { name: "sts", url: tokenServices },
    who: arnIn,
};
/** A tab such as `/visualization` may follow. With several sessions, a label of the session stands before the region. */
const page = "/codesuite/codepipeline/pipelines/{pipeline}/executions/{execution-id}";
const consoles = ["aws.amazon.com", "amazonaws-us-gov.com", "amazonaws.cn", "amazonaws-eusc.eu"];
const pages = consoles.flatMap((console) => [
    `https://{region}.console.${console}${page}`,
    `https://{session}.{region}.console.${console}${page}`,
    `https://console.${console}${page}?region={region}`,
]);
const pipeline = {
    pattern: /[A-Za-z0-9.@_-]{1,100}/,
    help: "name of the pipeline, or its ARN",
    example: "deploy-prod",
    hint: "the partition of an ARN is that of its region",
    says: aws_codepipeline_regionOf,
    normalize: nameOf,
};
const arn = /^arn:(?<partition>aws[a-z-]*):codepipeline:(?<region>[a-z0-9-]+):\d{12}:(?<name>.*)$/s;
/** `arn:aws:codepipeline:REGION:ACCOUNT:NAME` names it, too. One that contradicts itself names nothing. */
function nameOf(pipeline) {
    const { partition, region = "", name = "" } = arn.exec(pipeline)?.groups ?? {};
    const of = Object.entries(partitions).find(([, regions]) => matchesWhole(regions, region))?.[0];
    return partition !== undefined && partition === of ? name : pipeline;
}
/** The pipeline is in the region of its ARN and in no other. */
function aws_codepipeline_regionOf(pipeline) {
    const region = arn.exec(pipeline)?.groups?.["region"];
    return region === undefined ? {} : { region };
}
function matchesWhole(pattern, text) {
    return new RegExp(`^(?:${pattern.source})$`).test(text);
}
/** The exception's name stands behind a namespace and a `#`, where there is one. */
function exceptionName(body) {
    return body.__type?.split("#").at(-1);
}
const awsCodepipeline = {
    name: "AWS CodePipeline",
    docs: "https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StopPipelineExecution.html",
    rights: "An access key with `codepipeline:GetPipelineExecution` and `codepipeline:StopPipelineExecution` for the pipeline.",
    whoami: [whoami],
    server: {
        url: servers,
        // botocore/configprovider.py: the first one wins.
        env: ["AWS_ENDPOINT_URL_CODEPIPELINE", "AWS_ENDPOINT_URL"],
        envIgnoredBy: "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        region: { env: ["AWS_REGION", "AWS_DEFAULT_REGION"], example: "eu-west-1" },
    },
    auth: [
        {
            scheme: "aws-signature",
            service: "codepipeline",
            env: {
                "access-key": ["AWS_ACCESS_KEY_ID"],
                "secret-key": ["AWS_SECRET_ACCESS_KEY"],
                "security-token": ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"],
            },
        },
    ],
    errors: {
        code: exceptionName,
        message: ["message", "Message"],
        notFound: /^Pipeline(Execution)?NotFoundException$/,
        already: /^DuplicatedStopRequestException$/,
        busy: /^(ConflictException|Throttling(Exception)?)$/,
        denied: /^(AccessDenied|UnrecognizedClient|InvalidSignature|IncompleteSignature|ExpiredToken|InvalidClientTokenId|MissingAuthenticationToken|OptInRequired|NotAuthorized)(Exception)?$/,
    },
    states: states({
        running: ["InProgress"],
        cancelling: ["Stopping"],
        cancelled: ["Stopped"],
        succeeded: ["Succeeded"],
        failed: ["Failed"],
        // No stop of ours: a newer execution went past it, or the pipeline's definition was changed.
        skipped: ["Superseded", "Cancelled"],
    }),
    targets: {
        execution: {
            ids: {
                pipeline,
                "execution-id": uuid("id of the pipeline execution", "0c5f7d2e-8a1b-4c3d-9e4f-5a6b7c8d9e0f"),
            },
            pages,
            permissions: {
                look: "`codepipeline:GetPipelineExecution`",
                cancel: "`codepipeline:StopPipelineExecution`",
                docs: "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodepipeline.html",
            },
            look: {
                ...aws_codepipeline_operation("GetPipelineExecution", execution),
                state: "pipelineExecution.status",
                name: "pipelineExecution.pipelineName",
                shows: { "execution-id": "pipelineExecution.pipelineExecutionId" },
                record: { "status-summary": "pipelineExecution.statusSummary" },
            },
            cancel: stop(false),
            force: [aws_codepipeline_force],
        },
    },
    unverified: [
        "The page is known from third-party code only; the consoles of China and GovCloud from documents only.",
        "Which error code a missing permission, a wrong key or a spent token has: AWS documents them for all services together.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/azure-pipelines.js
// https://learn.microsoft.com/rest/api/azure/devops/build/builds/update-build
// https://learn.microsoft.com/rest/api/azure/devops/build/stages/update
// https://learn.microsoft.com/rest/api/azure/devops/release/releases/update-release-environment

const project = "/{organization}/{project}";
const buildRoute = `${project}/_apis/build/builds/{build-id}`;
const environmentRoute = `${project}/_apis/Release/releases/{release-id}/environments/{environment-id}`;
/** A token that is not taken gets the page where people sign in, with 203: https://github.com/MicrosoftDocs/vsts-rest-api-specs/issues/574 */
function call(route, body) {
    return { route, ...(body !== undefined && { body }), okStatus: [203], deniedStatus: [203] };
}
/** `https://dev.azure.com/acme/`, or `https://acme.visualstudio.com/` as older organizations have it. */
const ofService = /^https:\/\/(?:dev\.azure\.com\/([^/]+)|([^./]+)\.visualstudio\.com)/;
/** What Azure Pipelines says of its server is the address of an organization, or, on a server of one's own, of a collection. */
function serverIn(address) {
    return ofService.test(address) ? undefined : address.replace(/\/[^/]+\/?$/, "");
}
/** The organization in such an address, or the collection. */
function organizationIn(value) {
    const [, byPath, byHost] = ofService.exec(value) ?? [];
    return byPath ?? byHost ?? /^https?:\/\/.*\/([^/]+)\/?$/.exec(value)?.[1] ?? value;
}
/** The server in such an address. */
function hostIn(value) {
    if (!URL.canParse(value))
        return {};
    return { host: ofService.test(value) ? "dev.azure.com" : new URL(value).host };
}
/** The address of the organization, or of the collection. */
const collection = ["SYSTEM_COLLECTIONURI"];
const inProject = {
    organization: {
        pattern: /[A-Za-z0-9](?:[\w.-]*[\w-])?/,
        help: "organization; on a server of one's own, the collection",
        example: "acme",
        env: collection,
        says: hostIn,
        normalize: organizationIn,
    },
    // https://learn.microsoft.com/azure/devops/organizations/settings/naming-restrictions#project-names
    project: {
        pattern: /[\p{L}\p{N}][\p{L}\p{M}\p{N} ._()&!@~^%-]*/u,
        help: "name of the project, or its UUID",
        example: "shop",
        env: ["SYSTEM_TEAMPROJECT"],
    },
};
const buildId = number("number of the run, as in its page's address: `buildId`", "1234");
/** An older organization is in the name of its host; `az pipelines` opens `_build/index?buildid=` and `_build/results?buildid=`. */
function canonicalPage(address) {
    return address
        .replace(/^https:\/\/([^./]+)\.visualstudio\.com(?:\/DefaultCollection(?=\/))?/, "https://dev.azure.com/$1")
        .replace("/_build/index?", "/_build/results?")
        .replace(/([?&])buildid=/, "$1buildId=");
}
/** What has ended says by its result how. */
function buildState({ status, result }) {
    return status === "completed" ? (result ?? status) : status;
}
/** The same for a record of a run's timeline: a stage, or a job. */
function recordState({ state, result }) {
    return state === "completed" ? (result ?? state) : state;
}
const timeline = call(`GET ${buildRoute}/timeline?api-version=6.0`);
/** The jobs of all stages; a timeline has phases, tasks and checks, too. */
function jobRecords({ records }) {
    return records.filter(({ type }) => type === "Job");
}
/** Of a run for a branch its name; of any other the whole ref. */
function branchOf({ sourceBranch }) {
    return sourceBranch.replace(/^refs\/heads\//, "");
}
/** Whether the run is for a tag. */
function isOfTag({ sourceBranch }) {
    return sourceBranch.startsWith("refs/tags/");
}
/** `refs/pull/12/merge` */
function pullRequestOf({ sourceBranch }) {
    return /^refs\/pull\/(\d+)\//.exec(sourceBranch)?.[1];
}
const runPages = {
    ...call(`GET ${project}/_apis/build/builds?queryOrder=queueTimeDescending&$top=100&api-version=6.0`),
    items: "value",
    next: { parameter: "continuationToken", token: { header: "x-ms-continuationtoken" } },
};
const list = {
    ...runPages,
    within: ["organization", "project"],
    pageSize: 100,
    filters: { branch: "branchName=refs/heads/{value}", event: "reasonFilter", state: "statusFilter" },
    live: ["postponed", "notStarted", "inProgress", "cancelling"],
    item: {
        id: "id",
        branch: branchOf,
        commit: "sourceVersion",
        started: "queueTime",
        event: "reason",
        workflow: ["definition.name", "definition.id"],
        repository: "repository.id",
        pullRequest: pullRequestOf,
    },
    otherRefs: /refs\/.+/,
    tags: { is: isOfTag },
    events: [
        ...["manual", "individualCI", "batchedCI", "schedule", "scheduleForced", "userCreated", "validateShelveset"],
        ...["checkInShelveset", "pullRequest", "buildCompletion", "resourceTrigger", "triggered"],
    ],
    advice: [
        {
            input: "workflow",
            on: /.+\.ya?ml/,
            say: "a pipeline is identified by its name or its number, not by a file",
        },
    ],
};
const azure_pipelines_permissions = {
    look: "a personal access token with the scope Build (read), and the permission View builds",
    cancel: "a personal access token with the scope Build (read & execute), and the permission Stop builds",
    docs: "https://learn.microsoft.com/azure/devops/pipelines/policies/permissions",
};
const buildReading = { state: buildState, shows: { "build-id": "id" } };
const buildTarget = {
    ids: { ...inProject, "build-id": buildId },
    pages: [`{server}${project}/_build/results?buildId={build-id}`],
    permissions: azure_pipelines_permissions,
    look: {
        ...call(`GET ${buildRoute}?api-version=6.0`),
        ...buildReading,
        name: "definition.name",
        ref: "sourceBranch",
        record: { "build-number": "buildNumber" },
    },
    cancel: { ...call(`PATCH ${buildRoute}?api-version=6.0`, { status: "cancelling" }), reply: buildReading },
    list,
    jobs: [{ ...timeline, items: jobRecords, name: "name", state: recordState }],
};
/** A stage is a record of its run's timeline, which has no address of its own. Without stages it is an error, or a timeline that is not complete yet. */
async function stageOf({ ids, send }) {
    const reply = await send(timeline);
    const stages = (reply.body?.records ?? []).filter(({ type }) => type === "Stage");
    if (reply.status !== 200 || stages.length === 0)
        return reply;
    const stage = stages.find(({ identifier }) => identifier.toLowerCase() === ids["stage"]?.toLowerCase());
    if (stage !== undefined)
        return { ...reply, body: stage };
    const names = stages.map(({ identifier }) => identifier).join(", ");
    return { ...reply, status: 404, body: { message: `the run has no such stage; it has ${names}` } };
}
const stageLook = {
    ask: stageOf,
    calls: [timeline],
    state: recordState,
    name: "name",
    attempt: "attempt",
    shows: { stage: "identifier" },
};
const stageTarget = {
    ids: {
        ...inProject,
        "build-id": buildId,
        stage: {
            pattern: /[A-Za-z_]\w*/,
            help: "name of the stage as the pipeline's YAML has it, `- stage: NAME`; not its display name",
            example: "Deploy",
        },
    },
    apiPages: [`${buildRoute}/stages/{stage}`],
    permissions: azure_pipelines_permissions,
    look: stageLook,
    cancel: call(`PATCH ${buildRoute}/stages/{stage}?api-version=7.1`, { state: "cancel" }),
};
/** The deployment that began last: each start of a stage is an attempt. */
function lastAttempt({ deploySteps }) {
    return deploySteps?.reduce((one, other) => (other.attempt > one.attempt ? other : one), deploySteps[0]);
}
/** While it is in progress its latest attempt says more. */
function environmentState(body) {
    const { operationStatus } = lastAttempt(body) ?? {};
    const isUnderWay = body.status === "inProgress" || operationStatus === "cancelling";
    return isUnderWay ? (operationStatus ?? body.status) : body.status;
}
/** A phase, a gate or an approval may have ended, and the deployment not. */
function isEnvironmentOver({ status }) {
    return ["succeeded", "partiallySucceeded", "canceled", "rejected"].includes(status);
}
/** Which start it is. */
function attemptOf(body) {
    return lastAttempt(body)?.attempt;
}
const environmentReading = {
    state: environmentState,
    over: isEnvironmentOver,
    attempt: attemptOf,
    shows: { "release-id": "releaseId", "environment-id": "id" },
};
/** The stage of a classic release, which the API calls an environment. */
const releaseEnvironment = {
    ids: {
        ...inProject,
        "release-id": number("number of the release, as in its page's address: `releaseId`", "15"),
        "environment-id": number("number of the stage, as in its page's address: `environmentId`", "9"),
    },
    api: { "dev.azure.com": "https://vsrm.dev.azure.com", "*": "" },
    pages: [
        `{server}${project}/_releaseProgress?_a=release-environment-logs&releaseId={release-id}&environmentId={environment-id}`,
    ],
    permissions: {
        look: "a personal access token with the scope Release (read), and the permission View releases",
        cancel: "a personal access token with the scope Release (read, write & execute), and the permission Manage deployments",
        docs: "https://learn.microsoft.com/azure/devops/pipelines/policies/permissions",
    },
    look: {
        ...call(`GET ${environmentRoute}?api-version=7.1`),
        ...environmentReading,
        name: "name",
        record: { release: "release.name" },
    },
    cancel: {
        ...call(`PATCH ${environmentRoute}?api-version=7.1`, { status: "canceled", comment: "{reason}" }),
        reply: environmentReading,
    },
    states: { pending: "blocked" },
};
/** The token of a job: https://learn.microsoft.com/azure/devops/pipelines/build/variables#systemaccesstoken */
const jobToken = { name: "SYSTEM_ACCESSTOKEN", servers: collection };
/** A token of Microsoft Entra, or of a job, has dots; a personal access token has none. */
const personalToken = {
    scheme: "token-as-password",
    env: { token: ["AZURE_DEVOPS_EXT_PAT"] },
    tokens: { like: /[^.]+/, called: "a personal access token" },
};
const azurePipelines = {
    name: "Azure Pipelines",
    docs: "https://learn.microsoft.com/rest/api/azure/devops/build/builds/update-build",
    rights: "A personal access token with the scope Build (read & execute), for classic releases Release (read, write & execute), a token of Microsoft Entra, " +
        "or `$(System.AccessToken)`, of somebody who has the permission Stop builds, or Manage deployments. The job's own token is that of the build service, " +
        "which must be given the permission.",
    server: {
        url: "https://dev.azure.com",
        env: collection,
        serverIn,
        canonicalPage,
        selfHosted: true,
    },
    auth: [personalToken, bearer("AZURE_DEVOPS_EXT_PAT", jobToken)],
    // With it a token that is not taken is answered 401 in most cases, as the clients of Microsoft ask: typed-rest-client, handlers.
    headers: { "x-tfs-fedauthredirect": "Suppress" },
    errors: { code: "typeKey", message: "message" },
    states: states({
        queued: ["notStarted", "postponed", "queued", "pending", "queuedForAgent", "queuedForPipeline"],
        running: [
            ...["inProgress", "approved", "evaluatingGates", "gateFailed"],
            ...["phaseInProgress", "phaseSucceeded", "phasePartiallySucceeded", "phaseFailed", "phaseCanceled"],
        ],
        blocked: ["scheduled", "deferred", "manualInterventionPending"],
        cancelling: ["cancelling"],
        cancelled: ["canceled"],
        succeeded: ["succeeded", "succeededWithIssues", "partiallySucceeded"],
        failed: ["failed", "rejected", "abandoned"],
        skipped: ["skipped"],
    }),
    targets: { build: buildTarget, stage: stageTarget, "release-environment": releaseEnvironment },
    unverified: [
        "What the cancel of a run that has ended is answered; a look decides.",
        "That the name in the address of a stage is the `identifier` of its record in the timeline: public code reads it so.",
        "What a stage becomes that was cancelled before it began: its record may say `canceled` or `skipped`, and both are an end.",
        "The pages of classic releases, which no document shows; public code writes them so.",
        "A call for a stage or a classic release is of version 7.1 of the API, which Azure DevOps Server has since 2022.1; the calls for runs are of version 6.0, which it has since 2020.",
        "Steps with `condition: always()` still run after a cancel, and the run is `cancelling` as long as they do.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/bitbucket.js
// https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pipelines/#api-repositories-workspace-repo-slug-pipelines-pipeline-uuid-stoppipeline-post

/** A workspace and a repository are named by slug or by UUID, each; the braces of a UUID are encoded in an address. */
const repository = {
    pattern: /(?:[\w.-]+|(?:\{|%7B)[0-9A-Fa-f-]{36}(?:\}|%7D))\/(?:[\w.-]+|(?:\{|%7B)[0-9A-Fa-f-]{36}(?:\}|%7D))/,
    help: "workspace and slug of the repository",
    example: "acme/shop",
    normalize: lowerCaseUuids,
};
const pipelineId = {
    pattern: /\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}/,
    help: "UUID of the pipeline",
    example: "{3c90c3cc-0d44-4b50-8888-8dd25736052a}",
    hint: "the number in a page's address is the build-number",
    normalize: inBraces,
};
/** As Bitbucket writes them. */
function lowerCaseUuids(repository) {
    return repository
        .replaceAll("%7B", "{")
        .replaceAll("%7D", "}")
        .replace(/\{[^}]*\}/g, (uuid) => uuid.toLowerCase());
}
/** Bitbucket writes UUIDs in lower case and in braces. */
function inBraces(uuid) {
    return `{${uuid.replace(/^\{|\}$/g, "").toLowerCase()}}`;
}
const bitbucket_reading = {
    state: ["state.result.name", "state.stage.name", "state.name"],
    over: { "state.name": "COMPLETED" },
    ref: "target.ref_name",
    shows: { "pipeline-id": "uuid", "build-number": "build_number" },
    learn: { "pipeline-id": "uuid", "build-number": "build_number" },
};
/** `branch`, `tag`, `annotated_tag`, `bookmark`; a pull request has none. */
function isTag({ target }) {
    return target.ref_type ? /tag/i.test(target.ref_type) : false;
}
/** A pipeline of a pull request has the branch that it comes from in the place of a ref. Forks' pull requests start none. */
const bitbucket_list = {
    ...get("/repositories/{+repository}/pipelines?pagelen=100&sort=-created_on"),
    items: "values",
    next: "next",
    within: ["repository"],
    pageSize: 100,
    filters: { state: "status" },
    live: ["PAUSED", "HALTED", "PARSING", "PENDING", "BUILDING", "HALTED", "PAUSED"],
    item: {
        id: "uuid",
        branch: ["target.ref_name", "target.source"],
        commit: "target.commit.hash",
        started: "created_on",
        event: "trigger.name",
        workflow: ["target.selector.pattern", "target.selector.type"],
        repository: "repository.uuid",
        pullRequest: "target.pullrequest.id",
    },
    tags: { is: isTag },
};
/**
 * One kind of run with two names: the API takes the UUID, people know the number. The look teaches the one that is missing.
 * The second page is what commit statuses and Atlassian's own extension link to.
 */
const shared = {
    pages: [
        "/{+repository}/pipelines/results/{build-number}",
        "/{+repository}/addon/pipelines/home#!/results/{build-number}",
    ],
    permissions: {
        look: "the scope `pipeline` (access tokens) or `read:pipeline:bitbucket` (API tokens)",
        cancel: "the scope `pipeline:write` or `write:pipeline:bitbucket`",
        docs: "https://developer.atlassian.com/cloud/bitbucket/bitbucket-cloud-rest-api-scopes/",
    },
    cancel: post("/repositories/{+repository}/pipelines/{pipeline-id}/stopPipeline"),
    jobs: [
        {
            ...get("/repositories/{+repository}/pipelines/{pipeline-id}/steps?pagelen=100"),
            items: "values",
            next: "next",
            name: "name",
            state: ["state.result.name", "state.name"],
        },
    ],
};
const bitbucket = {
    name: "Bitbucket Pipelines",
    docs: "https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pipelines/#api-repositories-workspace-repo-slug-pipelines-pipeline-uuid-stoppipeline-post",
    rights: "A repository, project or workspace access token with scope `pipeline:write`; or your Atlassian account's e-mail as `username` and " +
        "an API token with `read:pipeline:bitbucket` and `write:pipeline:bitbucket`. A step's own environment has no such token.",
    whoami: [
        {
            ...get("/user"),
            docs: "https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/#api-user-get",
            who: ["display_name", "nickname", "uuid"],
            // https://support.atlassian.com/bitbucket-cloud/kb/how-to-fetch-the-scope-of-a-token-via-command-line
            scopesHeader: "x-oauth-scopes",
            needs: ["pipeline:write", "write:pipeline:bitbucket"],
        },
    ],
    server: {
        url: "https://bitbucket.org",
        api: { "bitbucket.org": "https://api.bitbucket.org/2.0", "*": "/2.0" },
    },
    auth: [bearer(), { scheme: "basic-token", env: {} }],
    states: states({
        queued: ["PENDING", "PARSING", "READY"],
        running: ["IN_PROGRESS", "RUNNING", "BUILDING"],
        blocked: ["PAUSED", "HALTED"],
        cancelled: ["STOPPED"],
        succeeded: ["SUCCESSFUL", "PASSED"],
        failed: ["FAILED", "ERROR", "EXPIRED"],
        skipped: ["NOT_RUN"],
    }),
    targets: {
        pipeline: {
            ids: { repository, "pipeline-id": pipelineId },
            look: { ...get("/repositories/{+repository}/pipelines/{pipeline-id}"), ...bitbucket_reading },
            ...shared,
            list: bitbucket_list,
        },
        build: {
            ids: { repository, "build-number": number("number of the pipeline, as in its page's address", "42") },
            look: { ...get("/repositories/{+repository}/pipelines/{build-number}"), ...bitbucket_reading },
            ...shared,
        },
    },
    unverified: [
        "Whether the reply to `/user` has the header with the token's scopes: Atlassian shows it for the lists of repositories and workspaces.",
        "That a pipeline can be read by its number is not in the documents; widely used clients do it. It is stopped by its UUID only.",
        "Whether a stage HALTED, which Atlassian's own clients know, can go on: it counts as waiting for a person.",
        "Which pipelines the words of the list's filter stand for: the document names the words alone. BUILDING is taken for those that run.",
        "The fields of a pull request's pipeline (`target.source`, `target.pullrequest.id`): clients read them.",
        "The words PARSING, BUILDING and PASSED are documented as filters of the list only.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/buildbot.js
// https://docs.buildbot.net/current/developer/raml/build.html
// https://docs.buildbot.net/current/developer/rest.html

/** https://docs.buildbot.net/current/developer/results.html: the number is the place in this list. */
const results = ["success", "warnings", "failure", "skipped", "exception", "retry", "cancelled"];
/** An item of a list, or the one that is in the reply to a look. */
function buildOf(body) {
    return body.builds?.[0] ?? body;
}
function wordOf({ complete, results: result }) {
    return complete ? results[result] : "not finished";
}
/** A result counts only of what is complete: a request that waits has -1. */
function stateOfBuild(body) {
    return wordOf(buildOf(body));
}
/** A request is complete when its build is, and waits as long as no master has claimed it. */
function stateOfRequest({ buildrequests: [request] }) {
    return !request.complete && !request.claimed ? "not claimed" : wordOf(request);
}
/** A step that has not begun has no time. */
function stateOfStep(step) {
    return !step.complete && !step.started_at ? "not started" : wordOf(step);
}
/** A property is its value and where it is from. */
function buildbot_branchOf(body) {
    return buildOf(body).properties?.branch?.[0];
}
/** What the sources were at, if they were fetched by now, else what was asked for. */
function commitOf(body) {
    const { got_revision: got, revision } = buildOf(body).properties ?? {};
    return typeof got?.[0] === "string" ? got[0] : revision?.[0];
}
/** Seconds since 1970. */
function buildbot_startOf(body) {
    const { started_at: at } = buildOf(body);
    return typeof at === "number" ? new Date(at * 1000).toISOString() : undefined;
}
const properties = "property=branch&property=revision&property=got_revision";
/** Answered 200 whether there was anything to stop or not, for an id that does not exist, too. */
function control(path, method) {
    return post(path, { body: { id: 1, jsonrpc: "2.0", method, params: { reason: "{reason}" } } });
}
const buildbot_stop = control("/builds/{build-id}", "stop");
const buildbot_look = {
    state: stateOfBuild,
    over: "builds.0.complete",
    ref: buildbot_branchOf,
    learn: { "build-id": "builds.0.buildid", "builder-id": "builds.0.builderid", "build-number": "builds.0.number" },
    record: { "state-string": "builds.0.state_string", "build-request-id": "builds.0.buildrequestid" },
};
const builds = { items: "builds" };
/** A build whose worker was lost ends as `retry`, and its request gets another one. */
const successor = {
    ...get("/buildrequests/{build-request-id}/builds"),
    ...builds,
    after: ["failed"],
    within: { "build-request-id": "builds.0.buildrequestid" },
    state: stateOfBuild,
    instead: "build-request",
};
const buildbot_list = {
    ...get(`/builds?complete=false&${properties}`),
    ...builds,
    within: [],
    // Without a limit all are in one page.
    pageSize: Infinity,
    filters: {},
    item: {
        id: ["buildid", "builds.0.buildid"],
        branch: buildbot_branchOf,
        commit: commitOf,
        started: buildbot_startOf,
        workflow: [["builderid", "builds.0.builderid"]],
    },
};
const buildbot_jobs = {
    ...get("/builds/{build-id}/steps?field=name&field=results&field=complete&field=started_at"),
    items: "steps",
    name: "name",
    state: stateOfStep,
};
const buildbot_pages = [
    "{server}/#/builders/{builder-id}/builds/{build-number}",
    "{server}/#builders/{builder-id}/builds/{build-number}",
];
const buildbot_buildId = number("id of the build, as `buildid` in the API", "4711", { unique: true });
const parts = {
    jobs: [buildbot_jobs],
    downstream: [
        {
            ...get("/builds/{build-id}/triggered_builds"),
            ...builds,
            target: "build",
            ids: { "build-id": "buildid" },
        },
    ],
};
const buildbot_permissions = {
    look: "a user whom no rule of the master's `authz` keeps from builds; where no rule matches, everybody may",
    cancel: "a user with the role that the rule `StopBuildEndpointMatcher` of the master's `authz` asks for, if there is one",
    docs: "https://docs.buildbot.net/current/manual/configuration/www.html#authorization-rules",
};
const buildbot_build = {
    ids: { "build-id": buildbot_buildId },
    pages: buildbot_pages,
    permissions: buildbot_permissions,
    look: { ...get(`/builds/{build-id}?${properties}`), ...buildbot_look, shows: { "build-id": "builds.0.buildid" } },
    cancel: buildbot_stop,
    successor: { ...successor, id: "buildid" },
    list: buildbot_list,
    ...parts,
};
/** As pages and people number builds: in their builder. What stops a build takes its id. */
const numberedBuild = {
    ids: {
        "builder-id": number("number of the builder, as in the page's address", "3"),
        "build-number": number("number of the build in its builder", "20"),
    },
    pages: buildbot_pages,
    permissions: buildbot_permissions,
    look: {
        ...get(`/builders/{builder-id}/builds/{build-number}?${properties}`),
        ...buildbot_look,
        shows: { "builder-id": "builds.0.builderid", "build-number": "builds.0.number" },
    },
    cancel: buildbot_stop,
    successor: { ...successor, id: "number" },
    ...parts,
};
/** One that waits has no build yet, and nothing keeps the reason; the build of any other one is stopped. */
const cancelRequest = {
    choose: [
        { ...control("/buildrequests/{build-request-id}", "cancel"), when: { "buildrequests.0.claimed": true } },
        { ...control("/buildrequests/{build-request-id}", "cancel"), reasonWhen: { result: "kept" } },
    ],
};
const buildRequest = {
    ids: { "build-request-id": number("id of the build request, as in its page's address", "4", { unique: true }) },
    pages: ["{server}/#/buildrequests/{build-request-id}", "{server}/#buildrequests/{build-request-id}"],
    permissions: buildbot_permissions,
    look: {
        ...get("/buildrequests/{build-request-id}"),
        state: stateOfRequest,
        over: "buildrequests.0.complete",
        shows: { "build-request-id": "buildrequests.0.buildrequestid" },
    },
    cancel: cancelRequest,
};
const buildbot = {
    name: "Buildbot",
    docs: "https://docs.buildbot.net/current/developer/raml/build.html",
    rights: "A user whom the master's `authz` allows to stop builds, with a name and a password: somebody who signs in at another site, as with " +
        "GitHub, has none that a step could use.",
    server: { api: "/api/v2", selfHosted: true },
    auth: [{ scheme: "session-cookie", env: {}, login: "/auth/login" }, nothing],
    errors: { code: "error.code", message: ["error.message", "error"] },
    states: states({
        queued: ["not claimed", "not started"],
        running: ["not finished"],
        cancelled: ["cancelled"],
        succeeded: ["success", "warnings"],
        failed: ["failure", "exception", "retry"],
        skipped: ["skipped"],
    }),
    targets: { build: buildbot_build, "numbered-build": numberedBuild, "build-request": buildRequest },
    unverified: [
        "What a build has triggered and what still waits for a worker is in no list, so `downstream` does not reach it: cancel the build request.",
        "Whether a build whose worker is lost while it is being stopped ends as `retry`: its request would get another build.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/buildkite.js
// https://buildkite.com/docs/apis/rest-api/builds#cancel-a-build
// https://buildkite.com/docs/apis/rest-api/builds#get-a-build

const buildkite_builds = "/organizations/{organization}/pipelines/{pipeline}/builds";
/** The jobs stand in the build itself, one for each step: of a job that was retried, the last attempt. */
const jobsOfBuild = get(`${buildkite_builds}/{build-number}?exclude_pipeline=true`);
function slug(help, example) {
    return { pattern: /[A-Za-z0-9][\w-]*/, help, example };
}
/**
 * A build that waits at a block step keeps the state it had, `passed` by default, and says `blocked: true` beside it:
 * https://buildkite.com/docs/pipelines/configure/notify#build-states
 */
function buildkite_stateOf({ blocked, state }) {
    return blocked === true && /^(?:passed|failed|running)$/.test(state) ? "blocked" : state;
}
/** Only trigger steps start builds: https://buildkite.com/docs/apis/rest-api/builds#job-data-model */
function triggerJobs({ jobs }) {
    return jobs?.filter(({ type }) => type === "trigger");
}
/** A triggered build tells its organization by its address only: …/organizations/acme/pipelines/deploy/builds/15. */
function triggeredOrganization({ triggered_build }) {
    return /\/organizations\/([^/]+)\//.exec(triggered_build?.url ?? "")?.[1];
}
/** Its pipeline is in the same address. */
function triggeredPipeline({ triggered_build }) {
    return /\/pipelines\/([^/]+)\//.exec(triggered_build?.url ?? "")?.[1];
}
/** Owner and name of the pipeline's repository: the address has many spellings, git@github.com:acme/shop.git among them. */
function buildkite_repository({ pipeline }) {
    return ownerAndName(pipeline?.repository);
}
/**
 * Owner and name of the repository that the branch is in: a pull request from a fork may have the plain name of a branch.
 * https://buildkite.com/docs/apis/rest-api/pipelines#provider-settings-properties
 */
function headRepository({ pull_request, pipeline }) {
    return ownerAndName(pull_request?.repository ?? pipeline?.repository);
}
function ownerAndName(address) {
    return /([^/:]+\/[^/:]+?)(?:\.git)?\/?$/.exec(address ?? "")?.[1]?.toLowerCase();
}
const buildkite_list = {
    ...linkedPages(`${buildkite_builds}?exclude_jobs=true&per_page=100`),
    within: ["organization", "pipeline"],
    pageSize: 100,
    filters: { branch: "branch", commit: "commit", state: "state" },
    // Without `live` the words of jobs would be asked for, which the filter does not take.
    live: ["blocked", "creating", "scheduled", "running", "failing", "blocked", "canceling"],
    item: {
        id: "number",
        branch: "branch",
        commit: "commit",
        started: "created_at",
        event: "source",
        headRepository,
        headRepositoryName: headRepository,
        repository: buildkite_repository,
    },
};
const buildkite_build = {
    ids: {
        organization: { ...slug("slug of the organization", "acme"), env: ["BUILDKITE_ORGANIZATION_SLUG"] },
        pipeline: slug("slug of the pipeline", "deploy"),
        "build-number": number("number of the build, as in its page's address", "42", {
            hint: "a build's UUID is not its number; its page's address has the number",
        }),
    },
    // The second one is what `bk artifacts list` prints.
    pages: [
        "/{organization}/{pipeline}/builds/{build-number}",
        "/organizations/{organization}/pipelines/{pipeline}/builds/{build-number}",
    ],
    permissions: {
        look: "the scope `read_builds`",
        cancel: "the scope `write_builds`",
        docs: "https://buildkite.com/docs/apis/rest-api/builds#cancel-a-build",
    },
    look: {
        ...get(`${buildkite_builds}/{build-number}?exclude_jobs=true`),
        state: buildkite_stateOf,
        name: "message",
        ref: "branch",
        url: "web_url",
        shows: { "build-number": "number" },
        record: { "cancel-reason": "cancel_reason" },
    },
    cancel: { route: `PUT ${buildkite_builds}/{build-number}/cancel` },
    list: buildkite_list,
    jobs: [{ ...jobsOfBuild, items: "jobs", name: "name", state: "state" }],
    downstream: [
        {
            ...jobsOfBuild,
            items: triggerJobs,
            target: "build",
            ids: {
                organization: triggeredOrganization,
                pipeline: triggeredPipeline,
                "build-number": "triggered_build.number",
            },
        },
    ],
};
const buildkite = {
    name: "Buildkite",
    docs: "https://buildkite.com/docs/apis/rest-api/builds#cancel-a-build",
    rights: "An API access token with the scopes `read_builds` and `write_builds`.",
    whoami: [
        {
            ...get("/access-token"),
            docs: "https://buildkite.com/docs/apis/rest-api/access-token#get-the-current-token",
            who: ["user.name", "user.email"],
            scopes: "scopes",
            needs: ["write_builds"],
        },
    ],
    server: {
        url: "https://buildkite.com",
        api: { "buildkite.com": "https://api.buildkite.com/v2", "*": "/v2" },
        // For all requests in an organization: https://buildkite.com/docs/apis/rest-api/rate-limits
        budget: { points: 200, seconds: 60, hosts: ["buildkite.com"] },
    },
    auth: [bearer("BUILDKITE_API_TOKEN")],
    states: states({
        queued: [
            "creating",
            "scheduled",
            "pending",
            "waiting",
            "limiting",
            "limited",
            "platform_limiting",
            "platform_limited",
            "reserved",
            "assigned",
            "accepted",
        ],
        running: ["running", "failing", "timing_out"],
        blocked: ["blocked"],
        cancelling: ["canceling"],
        cancelled: ["canceled"],
        succeeded: ["passed", "unblocked"],
        failed: ["failed", "timed_out"],
        skipped: ["skipped", "not_run", "broken", "expired", "blocked_failed", "unblocked_failed"],
    }),
    targets: { build: buildkite_build },
    unverified: [
        "What a cancel is answered for a build that waits at a block step: the document has cancels for scheduled, running and failing builds only; a look decides.",
        "Whether `blocked` stays true on a canceled build: it counts as canceled either way.",
        "The bodies of 401, 403 and 404 for a build: the document of the cancel names 422 alone; the official client treats these three as usual.",
        "A build of a tag has the tag's name as its branch, and no documented field tells the two apart: a selection by that name takes both.",
        "The form of `pull_request.repository`, by which builds of forks are told apart, is documented for BUILDKITE_PULL_REQUEST_REPO only.",
        "The word waiting for a build: one of the documents has it, and none says what for.",
        "Whether a build that is waiting_failed, a word that one of the documents has, can go on: it counts as unknown, and so does a job.",
        "A job that is retried starts a build again under its number, and nothing in the reply says so.",
        "Whether a triggered build is cancelled with the one that triggered it; `downstream` looks before it cancels.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/codearts.js
// https://support.huaweicloud.com/intl/en-us/api-codeci/StopTheJob.html
// https://support.huaweicloud.com/intl/en-us/api-pipeline/StopPipelineRun.html
// Servers and regions: huaweicloudsdkcodeartsbuild, …pipeline, …deploy and …iam 3.1.219, region files

function id(help) {
    return { pattern: /[0-9A-Za-z]{32}/, help, example: "f9d6c8466d614a9788e9a0acf6c15f46" };
}
/** Each service has a server of its own in each region; those in Europe have a domain of their own. */
const domain = "{region}.myhuaweicloud.com";
const common = [
    ...["ap-southeast-3", "cn-east-2", "cn-east-3", "cn-north-1", "cn-north-4", "cn-south-1"],
    ...["la-north-2", "sa-brazil-1", "tr-west-1"],
];
const europe = /eu-west-101/;
const buildServers = [
    {
        regions: regions(...common, "cn-south-2", "cn-southwest-2", "cn-northeast-1", "la-south-2"),
        url: `https://cloudbuild-ext.${domain}`,
    },
    { regions: europe, url: "https://build-backend.{region}.myhuaweicloud.eu" },
];
const pipelineServers = [
    { regions: regions("tr-west-1", "la-south-2"), url: `https://pipeline-external.${domain}` },
    { regions: regions("af-north-1", "me-east-1", "af-south-1"), url: `https://pipeline.${domain}` },
    {
        regions: regions(...common, "cn-south-2", "cn-southwest-2", "cn-northeast-1"),
        url: `https://cloudpipeline-ext.${domain}`,
    },
    { regions: europe, url: "https://pipeline-external.{region}.myhuaweicloud.eu" },
];
const deploymentServers = [
    { regions: regions(...common), url: `https://codearts-deploy.${domain}` },
    { regions: europe, url: "https://codearts-deploy.{region}.myhuaweicloud.eu" },
];
/** The token service is in more regions than the others; its tokens are for the region that they were made in. */
const iamServers = [
    { regions: europe, url: "https://iam.{region}.myhuaweicloud.eu" },
    { regions: /[a-z]{2}(?:-[a-z]+)+-\d{1,3}/, url: `https://iam.${domain}` },
];
/** The SDKs' (huaweicloudsdkcore/auth/internal.py) and the Terraform provider's, which has `/v3` behind it. */
const iamVariables = ["HUAWEICLOUD_SDK_IAM_ENDPOINT", "HW_AUTH_URL"];
/** Errors come with status 200, so a 200 alone is no yes. */
const codearts_succeeded = { status: "success" };
/** A gateway that does not have a route. */
const noSuchRoute = /^APIGW?\.0101$/;
/** What runs has no result yet, and the case of a result is not the same everywhere. A record says `status` instead. */
function codearts_stateOfBuild({ result }) {
    return result.building ? "RUNNING" : (result.build_result ?? result.status)?.toUpperCase();
}
/** A record does not say whether it is being built, but when that ended. */
function isBuilt({ result }) {
    if (typeof result.building === "boolean")
        return !result.building;
    return "finish_time" in result ? Boolean(result.finish_time) : undefined;
}
/** Where it does not say so, its status does. */
function isDeployed({ result }) {
    return result.step === "finish" ? true : undefined;
}
/** The project's own roles decide; some pages of the build's calls say that no identity policy is needed. */
function roles(look, cancel, docs) {
    return {
        look: `a role in the CodeArts project that may ${look}`,
        cancel: `a role in the CodeArts project that may ${cancel}`,
        docs: `https://support.huaweicloud.com/intl/en-us/${docs}`,
    };
}
const codearts_build = {
    server: buildServers,
    ids: {
        "job-id": { ...id("id of the build task, 32 letters and digits"), pattern: /[0-9a-z]{32}/ },
        "build-number": number("number of the build", "20", { digits: 9, hint: "take 20 of 20200612.20" }),
    },
    permissions: roles("view the build task", "run and stop it", "api-codeci/StopTheJob.html"),
    look: {
        ...get("/v1/job/{job-id}/{build-number}/build-info"),
        // Regions differ in which of the three they have.
        otherwise: {
            on: noSuchRoute,
            ...get("/v1/record/{job-id}/{build-number}/record-info"),
            otherwise: { on: noSuchRoute, ...get("/v3/jobs/{job-id}/{build-number}/record-info") },
        },
        state: codearts_stateOfBuild,
        over: isBuilt,
        name: "result.repo_name",
        ref: ["result.tag", "result.branch"],
        // Only a record repeats them; the newest look has these two besides the result.
        shows: { "job-id": "result.codeci_job_id", "build-number": "result.build_no" },
        also: ["result.building", "result.region"],
    },
    cancel: {
        // Huawei's page has the number in the body, its SDKs have it in the query, and without it build 1 is stopped. With both the
        // right build is stopped, whichever of them the server reads.
        ...post("/v1/job/{job-id}/stop?build_no={build-number}", {
            body: { build_no: "{build-number:number}" },
            okWhen: codearts_succeeded,
        }),
        // Regions without the new route have the old one, which is to go: its number is a text.
        otherwise: {
            on: noSuchRoute,
            ...post("/v3/jobs/stop", { body: { job_id: "{job-id}", build_no: "{build-number}" }, okWhen: "result" }),
        },
    },
};
const codearts_pipeline = {
    server: pipelineServers,
    ids: {
        "project-id": id("id of the CodeArts project"),
        "pipeline-id": id("id of the pipeline"),
        "pipeline-run-id": id("id of the pipeline run"),
    },
    pages: [
        "https://devcloud.{region}.huaweicloud.com/cicd/project/{project-id}/pipeline/detail/{pipeline-id}/{pipeline-run-id}?v=1",
    ],
    permissions: roles("view the pipeline", "run and stop it", "api-pipeline/StopPipelineRun.html"),
    look: {
        ...get("/v5/{project-id}/api/pipelines/{pipeline-id}/pipeline-runs/detail?pipeline_run_id={pipeline-run-id}"),
        state: "status",
        name: "name",
        url: "detail_url",
        shows: { "pipeline-run-id": "id" },
    },
    cancel: post("/v5/{project-id}/api/pipelines/{pipeline-id}/pipeline-runs/{pipeline-run-id}/stop", {
        body: {},
        okWhen: "success",
    }),
};
const deployment = {
    server: deploymentServers,
    ids: {
        "task-id": id("id of the deployment task"),
        "record-id": id("id of the deployment record"),
    },
    permissions: roles("view the application", "deploy it", "api-deployman/StopDeployTaskRecordV2.html"),
    look: {
        ...get("/v2/tasks/{task-id}/state?record_id={record-id}&step_state=false"),
        state: "result.status",
        over: isDeployed,
        shows: { "record-id": "result.record_id" },
    },
    cancel: {
        route: "PUT /v2/tasks/{task-id}/records/{record-id}/stop",
        body: {},
        okWhen: codearts_succeeded,
    },
    // "Execution canceled", says a table of another route; by its name alone the word is no end.
    statesAfterCancel: { not_started: "cancelled" },
};
const codearts = {
    name: "Huawei Cloud CodeArts",
    docs: "https://support.huaweicloud.com/intl/en-us/api-codeci/StopTheJob.html",
    rights: "A role in the CodeArts project that may stop the task, and a project-scoped token, an access key, or an IAM user's password. " +
        "Five failed signatures lock an access key for five minutes.",
    server: {
        region: { env: ["HW_REGION_NAME"], example: "cn-north-4" },
        pace: 3000,
    },
    auth: [
        {
            scheme: "huawei-token",
            env: { token: ["HW_AUTH_TOKEN"] },
            tokenServer: iamServers,
            tokenServerEnv: iamVariables,
        },
        {
            scheme: "huawei-signature",
            env: {
                "access-key": ["HUAWEICLOUD_SDK_AK", "HW_ACCESS_KEY"],
                "secret-key": ["HUAWEICLOUD_SDK_SK", "HW_SECRET_KEY"],
                "security-token": ["HUAWEICLOUD_SDK_SECURITY_TOKEN", "HW_SECURITY_TOKEN"],
            },
        },
        {
            scheme: "huawei-password",
            env: { username: ["HW_USER_NAME"], password: ["HW_USER_PASSWORD"], domain: ["HW_DOMAIN_NAME"] },
            tokenServer: iamServers,
            tokenServerEnv: iamVariables,
        },
    ],
    // Required by the definitions of the API on GET, too.
    headers: { "content-type": "application/json" },
    errors: {
        code: ["error_code", "error.code", "err_code"],
        message: ["error_msg", "error.message"],
        busy: /^CB\.000(60211|60100)$/,
        denied: /^APIGW?\.030[1-7]$/,
        notFound: /^((DEV)?CB\.00031006|DEVPIPE\.000(11401|11412|11136)|DEVPIPE\.30021001|DEV_21_100169|Deploy\.000(11303|11020|16902))$/,
    },
    // The three services spell their words in three ways.
    states: {
        ...states({
            queued: ["INIT"],
            running: ["RUNNING"],
            blocked: ["PAUSED", "SUSPEND"],
            succeeded: ["SUCCESS", "COMPLETED"],
            failed: ["FAILURE", "FAILED", "SCHEDULE_FAILURE", "TIMEOUT"],
            cancelled: ["ABORTED", "CANCELED"],
            skipped: ["IGNORED"],
        }),
        ...states({
            queued: ["pending", "not_started", "not_executed"],
            running: ["running"],
            succeeded: ["succeeded"],
            failed: ["failed", "timeout"],
            cancelled: ["abort"],
        }),
    },
    targets: { build: codearts_build, pipeline: codearts_pipeline, deployment },
    unverified: [
        "The console page of a pipeline run is known from third-party code only; those of builds and deployments are not known.",
        "Whether the stop of a build reads `build_no` in the body (as the documents and two clients send it) or in the query (as the SDKs do); both are sent.",
        "That a build's record has no `finish_time` while the build runs: documented is only that it is when the build ended.",
        "Build and pipeline in `ap-southeast-3`, `la-north-2` and `sa-brazil-1`: the SDKs' hosts are used; documents name `devcloud.{region}.myhuaweicloud.com`. China's documents name twins of the deployment's hosts below `.myhuaweicloud.cn`.",
        "Which state a stopped deployment record gets (`abort` is likely; `not_started` and `not_executed` are in the table of another route only, and no end before a cancel), and all states that a build can end with.",
        "What the servers answer to the stop of something that is over; a look decides.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/dagster.js
// https://docs.dagster.io/api/graphql
// https://github.com/dagster-io/dagster/blob/1.13.28/python_modules/dagster-graphql/dagster_graphql/implementation/execution/__init__.py

/** What a field of a query shows of a run, or what is wrong. All is answered 200. */
function resultOf({ data }) {
    return Object.values(data)[0];
}
/**
 * A run that is being cancelled is not cancelled again, which is a failure that names its status; so is a missing permission, by its
 * words alone.
 */
function codeOf(body) {
    if (!body.data)
        return body.errors ? "GraphQL" : undefined;
    const { __typename: type, run, message } = resultOf(body);
    if (!/(?:Error|Failure)$/.test(type))
        return undefined;
    if (/do not have permission/.test(message))
        return "UnauthorizedError";
    return run?.status === "CANCELING" ? "AlreadyCanceling" : type;
}
/** Its own, or those of GraphQL for a query that it does not take. */
function dagster_messageOf(body) {
    return body.errors?.[0]?.message ?? resultOf(body).message;
}
function graphql(query) {
    return post("/graphql", { body: { query, variables: { id: "{run-id}" } } });
}
const found = "... on RunNotFoundError { message } ... on PythonError { message }";
const dagster_run = "query CancelRunLook($id: ID!) { runOrError(runId: $id) { __typename " +
    `... on Run { runId status jobName repositoryOrigin { repositoryLocationName } } ${found} } }`;
const steps = `query CancelRunSteps($id: ID!) { runOrError(runId: $id) { __typename ... on Run { stepStats { stepKey status } } ${found} } }`;
function terminate(name, policy) {
    return graphql(`mutation ${name}($id: String!) { terminateRun(runId: $id, terminatePolicy: ${policy}) { __typename ` +
        "... on TerminateRunSuccess { run { runId status } } ... on TerminateRunFailure { message run { runId status } } " +
        `... on UnauthorizedError { message } ${found} } }`);
}
const dagster_shown = {
    state: "data.terminateRun.run.status",
    shows: { "run-id": "data.terminateRun.run.runId" },
};
/** Marked as cancelled only when all that works on it has been shut down. Taken of a run that is queued or started, not while it starts. */
const dagster_cancel = { ...terminate("CancelRunTerminate", "SAFE_TERMINATE"), reply: dagster_shown };
/** "No guarantee that the execution has actually stopped." */
const dagster_force = { ...terminate("CancelRunForce", "MARK_AS_CANCELED_IMMEDIATELY"), confirmed: "status-only" };
/** Steps that have begun; there are none before. */
const dagster_jobs = {
    ...graphql(steps),
    items: "data.runOrError.stepStats",
    name: "stepKey",
    state: "status",
};
/** Dagster+ has roles; a server of one's own asks for none. */
const dagster_permissions = {
    look: "the role Viewer of the deployment, on Dagster+",
    cancel: "the role Launcher (Pro plans) or Editor, or more, of the deployment or the code location, on Dagster+",
    docs: "https://docs.dagster.io/deployment/dagster-plus/authentication-and-access-control/rbac/user-roles-permissions",
};
const dagster_target = {
    ids: { "run-id": uuid("UUID of the run", "7b797176-718f-4ffb-abd2-a416ae08e9b4") },
    pages: ["{server}/runs/{run-id}"],
    permissions: dagster_permissions,
    look: {
        ...graphql(dagster_run),
        state: "data.runOrError.status",
        name: "data.runOrError.jobName",
        shows: { "run-id": "data.runOrError.runId" },
        record: { "code-location": "data.runOrError.repositoryOrigin.repositoryLocationName" },
    },
    cancel: dagster_cancel,
    force: [dagster_force],
    jobs: [dagster_jobs],
};
const dagster = {
    name: "Dagster",
    docs: "https://docs.dagster.io/api/graphql",
    rights: "Dagster+: a user token of somebody who is a launcher, or more, of the deployment or the code location. A server of one's own asks " +
        "for none, and one that was started read-only takes no cancel.",
    server: { env: ["DAGSTER_CLOUD_URL"], selfHosted: true },
    auth: [
        inHeader("dagster-cloud-api-token", { name: "DAGSTER_CLOUD_API_TOKEN", hosts: ["*.dagster.cloud"] }),
        { scheme: "basic", env: {} },
        nothing,
    ],
    errors: {
        code: codeOf,
        message: dagster_messageOf,
        notFound: /^RunNotFoundError$/,
        denied: /^UnauthorizedError$/,
        already: /^AlreadyCanceling$/,
    },
    states: states({
        // The last ones of them are those of a step.
        queued: ["QUEUED", "NOT_STARTED", "STARTING"],
        running: ["STARTED", "MANAGED", "IN_PROGRESS"],
        blocked: ["SUSPENDED"],
        cancelling: ["CANCELING"],
        cancelled: ["CANCELED"],
        succeeded: ["SUCCESS"],
        failed: ["FAILURE"],
        skipped: ["SKIPPED"],
    }),
    targets: { run: dagster_target },
    unverified: [
        "Dagster+: what Dagster's own client and command line say of it; no account was had.",
        "`MANAGED` (run outside of Dagster's control) and `SUSPENDED` (waits for work elsewhere) are in the list of states; no server was seen with one.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/drone.js
// https://docs.drone.io/api/builds/build_stop/
// https://docs.drone.io/api/builds/build_info/

const drone_builds = "/repos/{+repository}/builds";
/**
 * A build says `killed` before its stages do, and `declined` as soon as one of them is: it is over when they are. One whose YAML could
 * not be read has none: core/stage.go and handler/api/repos/builds of github.com/harness/drone 2.20.
 */
function isOver({ stages }) {
    return stages?.every(({ status }) => !/^(?:waiting_on_dependencies|pending|running|blocked)$/.test(status));
}
/** `refs/heads/main` is a branch; that of a pull request is `refs/pull/12/head`, and of a tag `refs/tags/v1`. */
function drone_branchOf({ ref }) {
    return ref?.replace(/^refs\/(?:heads|tags)\//, "");
}
/** A build of a tag says so in its ref, whatever its event: promotions and crons have one, too. */
function isForTag({ ref }) {
    return ref?.startsWith("refs/tags/");
}
/** The number in the ref is what Drone itself takes for DRONE_PULL_REQUEST: operator/runner/env.go. */
function drone_pullRequestOf({ event, ref }) {
    return event === "pull_request" ? /\d+/.exec(ref)?.[0] : undefined;
}
/** Seconds. */
function createdAt({ created }) {
    return new Date(created * 1000).toISOString();
}
/**
 * A cancel that met the server's own change of the build is answered 409 with these words: store/shared/db/error.go. A build has a
 * message, too, its commit's.
 */
function conflict({ number: build, message }) {
    return build === undefined && message === "Optimistic Lock Error" ? message : undefined;
}
/** The newest come first, and no filter takes a state: what began more than 100 builds ago is not seen. */
const drone_list = {
    ...get(`${drone_builds}?per_page=100`),
    items: "",
    max: 100,
    within: ["repository"],
    filters: { branch: "branch" },
    item: {
        id: "number",
        branch: drone_branchOf,
        commit: "after",
        started: createdAt,
        event: "event",
        pullRequest: drone_pullRequestOf,
    },
    otherRefs: /refs\/.+/,
    tags: { is: isForTag },
};
const drone_reading = {
    state: "status",
    over: isOver,
    shows: { "build-number": "number" },
};
const stages = get(`${drone_builds}/{build-number}`);
const drone_build = {
    ids: {
        repository: {
            pattern: /[\w-][\w.-]*\/[\w.-]+/,
            help: "owner and name of the repository",
            example: "octocat/hello-world",
            env: ["DRONE_REPO"],
        },
        "build-number": number("number of the build, as in its page's address", "42"),
    },
    pages: ["/{+repository}/{build-number}"],
    permissions: {
        look: "a user who may read the repository",
        cancel: "a user who may push to the repository",
        docs: "https://docs.drone.io/cli/build/drone-build-stop/",
    },
    look: {
        ...get(`${drone_builds}/{build-number}`),
        ...drone_reading,
        name: "title",
        ref: drone_branchOf,
        record: { event: "event", "build-error": "error" },
    },
    cancel: { route: `DELETE ${drone_builds}/{build-number}`, deniedStatus: [404], reply: drone_reading },
    list: drone_list,
    jobs: [{ ...stages, items: "stages", name: "name", state: "status" }],
    confirmed: "status-only",
};
const drone = {
    name: "Drone",
    docs: "https://docs.drone.io/api/builds/build_stop/",
    rights: "The token of a user who may push to the repository.",
    whoami: [{ ...get("/user"), docs: "https://docs.drone.io/api/user/user_info/", who: ["login", "email"] }],
    server: { api: "/api", env: ["DRONE_SERVER"], selfHosted: true },
    auth: [bearer("DRONE_TOKEN")],
    errors: { code: conflict, busy: /^Optimistic Lock Error$/ },
    states: states({
        queued: ["pending", "waiting_on_dependencies"],
        running: ["running"],
        blocked: ["blocked"],
        cancelled: ["killed", "declined"],
        succeeded: ["success"],
        failed: ["failure", "error"],
        skipped: ["skipped"],
    }),
    targets: { build: drone_build },
    unverified: [
        "No server was had: what it answers is read in its sources, github.com/harness/drone 2.20.",
        "The documents want an administrator for the cancel, those of the command line and the sources somebody who may push.",
        "Drone CI before 2.0: whether its cancel answers with the build; a look decides.",
        "Harness Open Source, which follows Drone, has another API: this is not for it.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/forgejo.js
// https://codeberg.org/forgejo/forgejo/src/branch/forgejo/release-notes-published/16.0.0.md

const runs = "/repos/{+repository}/actions/runs";
const forgejo_run = `${runs}/{run-id}`;
const forgejo_repository = {
    pattern: /[\w-][\w.-]*\/[\w.-]+/,
    help: "owner and name of the repository",
    example: "octo-org/deploy",
};
const runId = number("id of the workflow run: `forgejo.run_id`; the number in a page's address is another one", "4711", {
    digits: 19,
    unique: true,
});
/** `prettyref` is a branch, a tag, or `#12` for the runs of pull request 12. */
function forgejo_pullRequestOf({ prettyref }) {
    return /^#(\d+)$/.exec(prettyref)?.[1];
}
/** The list has neither a Link header nor one with the total. */
const forgejo_list = {
    ...numberedPages(`${runs}?limit=50`, "workflow_runs"),
    within: ["repository"],
    // A server's MAX_RESPONSE_ITEMS may be less than 50.
    pageSize: 30,
    // The whole ref: a tag of the branch's name is not listed.
    filters: {
        branch: "ref=refs/heads/{value}",
        "pull-request": "ref=refs/pull/{value}/head",
        commit: "head_sha",
        state: "status",
    },
    live: ["blocked", "waiting", "running", "blocked"],
    item: {
        id: "id",
        branch: "prettyref",
        commit: "commit_sha",
        started: "started",
        event: "trigger_event",
        workflow: ["workflow_id"],
        repository: "repository.id",
        pullRequest: forgejo_pullRequestOf,
    },
    otherRefs: /#\d+/,
    // Where no single branch is asked for, and so no filter is sent.
    tags: { named: get("/repos/{+repository}/tags/{branch}"), exceptEvents: /pull_request.*|schedule/ },
    // Their ref is `refs/pull/N/head`.
    advice: [{ input: "branch", on: /.+/, say: "a pull request's runs are on no branch; {pull-request} selects them" }],
};
const forgejo_permissions = {
    look: "the scope `read:repository`, of somebody who sees the repository's Actions",
    cancel: "the scope `write:repository`, of somebody who may write to the repository's Actions",
    docs: "https://forgejo.org/docs/latest/user/token-scope/",
};
/** All that is not over is marked as cancelled at once, and the runner learns of it later. 204 also if the run was over. */
const forgejo_shared = {
    permissions: forgejo_permissions,
    cancel: post(`${forgejo_run}/cancel`, { since: "Forgejo has it from 16.0" }),
    jobs: [{ ...get(`${forgejo_run}/jobs`), items: "", name: "name", state: "status" }],
    confirmed: "status-only",
};
const workflowRun = {
    ids: { repository: forgejo_repository, "run-id": runId },
    // The page has the number in the repository, which the look teaches; an address of the API has the id.
    pages: ["/{+repository}/actions/runs/{number}", "/api/v1/repos/{+repository}/actions/runs/{run-id}"],
    look: {
        ...get(forgejo_run),
        state: "status",
        name: "title",
        ref: "prettyref",
        shows: { "run-id": "id" },
        learn: { number: "index_in_repo" },
        url: "html_url",
    },
    ...forgejo_shared,
    list: forgejo_list,
};
/** The run by the number in its page's address: the list says which id it has. */
const numberedRun = {
    ids: {
        repository: forgejo_repository,
        "run-number": number("number of the workflow run, as in its page's address", "12", { digits: 19 }),
    },
    pages: ["/{+repository}/actions/runs/{run-number}"],
    look: {
        ...get(`${runs}?run_number={run-number}`, { notFoundWhen: { total_count: 0 } }),
        state: "workflow_runs.0.status",
        name: "workflow_runs.0.title",
        ref: "workflow_runs.0.prettyref",
        shows: { "run-number": "workflow_runs.0.index_in_repo" },
        learn: { "run-id": "workflow_runs.0.id" },
        url: "workflow_runs.0.html_url",
    },
    uncertainPages: true,
    mistakenFor: { target: "run", ids: { repository: "repository", "run-id": "run-number" } },
    ...forgejo_shared,
};
const forgejo = {
    name: "Forgejo Actions",
    answersTo: "github",
    docs: "https://codeberg.org/forgejo/forgejo/src/branch/forgejo/release-notes-published/16.0.0.md",
    rights: "A token with scope `write:repository` of somebody who may write to the repository's Actions.",
    // It needs the scope `read:user`, which a cancel does not.
    whoami: [{ ...get("/user"), docs: "https://forgejo.org/docs/latest/user/api-usage/", who: "login" }],
    server: {
        api: "/api/v1",
        env: ["FJ_FALLBACK_HOST"],
        selfHosted: true,
        // `16.0.5+gitea-1.22.0`: its own version, and that of the Gitea whose API it has.
        version: { path: "/api/v1/version", at: "version", is: /.*\+gitea-.*|(?:[7-9]|[1-9]\d+)\..*/ },
    },
    // FORGEJO_TOKEN is the job's own, which the runner puts into the environment of every step.
    auth: [bearer()],
    headers: { accept: "application/json" },
    // `unknown` is what a run is before it has a state: no end.
    states: states({
        queued: ["waiting"],
        running: ["running"],
        blocked: ["blocked"],
        cancelled: ["cancelled"],
        succeeded: ["success"],
        failed: ["failure"],
        skipped: ["skipped"],
        unknown: ["unknown"],
    }),
    targets: { run: workflowRun, "numbered-run": numberedRun },
    unverified: [
        "Everything: it was read in the sources of Forgejo after 16.0 and in its release notes, and tried on no server.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/gitea.js
// https://docs.gitea.com/api/next/operations/cancel-workflow-run/

const gitea_run = "/repos/{+repository}/actions/runs/{run-id}";
/** https://github.com/go-gitea/gitea/pull/35382, https://github.com/go-gitea/gitea/pull/38756 */
const gitea_since = "Gitea has it from 1.28";
const gitea_repository = {
    pattern: /[\w-][\w.-]*\/[\w.-]+/,
    help: "owner and name of the repository",
    example: "octo-org/deploy",
};
/** Gitea says what a run is for behind the workflow's file: `ci.yml@refs/heads/main`, `@refs/tags/v1`, `@refs/pull/12/head`. */
function refOf({ path }) {
    return path.split("@refs/")[1];
}
/** A branch or a tag by its name; a pull request as `pull/12/head`. */
function shortRef(body) {
    return refOf(body)?.replace(/^(?:heads|tags)\//, "");
}
/** Gitea gives a tag's run no branch. */
function gitea_isTag(body) {
    return refOf(body)?.startsWith("tags/");
}
/** The run of a `pull_request_target` has the base branch for its ref; from 1.27 on `pull_requests` says whose it is. */
function gitea_pullRequestOf(body) {
    const byRef = /^pull\/(\d+)\//.exec(refOf(body) ?? "")?.[1];
    return byRef ?? (body.event.startsWith("pull_request") ? body.pull_requests[0]?.number : undefined);
}
/** The file alone: Gitea tells neither its folder nor the workflow's name. */
function workflowFile({ path }) {
    return path.split("@")[0];
}
/** 0: the run is older than attempts are. */
function gitea_attemptOf({ run_attempt }) {
    return run_attempt || undefined;
}
/** Links to the next page are made of the server's ROOT_URL, whatever address was asked: pages are counted. */
const gitea_list = {
    ...numberedPages("/repos/{+repository}/actions/runs?limit=50", "workflow_runs"),
    within: ["repository"],
    // A server's MAX_RESPONSE_ITEMS may be less than 50.
    pageSize: 30,
    filters: { branch: "branch", commit: "head_sha", event: "event", state: "status" },
    // `waiting` stands for all that is blocked; what is being cancelled is `in_progress`, and not listed as such.
    live: ["waiting", "queued", "in_progress", "waiting"],
    item: {
        id: "id",
        branch: "head_branch",
        commit: "head_sha",
        started: "started_at",
        event: "event",
        workflow: [workflowFile],
        repository: "repository.id",
        pullRequest: gitea_pullRequestOf,
    },
    tags: {
        is: gitea_isTag,
        named: get("/repos/{+repository}/tags/{branch}"),
        exceptEvents: /pull_request.*|schedule/,
    },
    // As a server of 1.27.3 said: they have an empty `head_branch`, and `refs/pull/N/head` in `path`.
    advice: [{ input: "branch", on: /.+/, say: "a pull request's runs are on no branch; {pull-request} selects them" }],
};
/** "Marked cancelled at once … anything a runner reports afterwards is discarded." */
const gitea_force = { ...post(`${gitea_run}/force-cancel`, { since: gitea_since }), called: "force-cancel", confirmed: "status-only" };
const gitea_reading = {
    state: ["conclusion", "status"],
    over: { status: "completed" },
    name: "display_title",
    ref: shortRef,
    attempt: gitea_attemptOf,
    pinnedBy: "run-attempt",
    shows: { "run-id": "id" },
    url: "html_url",
};
const gitea_permissions = {
    look: "the scope `read:repository`, of somebody who sees the repository's Actions",
    cancel: "the scope `write:repository`, of somebody who may write to the repository's Actions",
    docs: "https://docs.gitea.com/development/oauth2-provider#scopes",
};
const gitea_workflowRun = {
    ids: {
        repository: gitea_repository,
        "run-id": number("id of the workflow run: `github.run_id`, from Gitea 1.26 on the number in its page's address", "4711", {
            digits: 19,
            unique: true,
        }),
        "run-attempt": number("the attempt to cancel; a later one is left alone", "2", { digits: 5, optional: true }),
    },
    pages: [
        "/{+repository}/actions/runs/{run-id}",
        "/{+repository}/actions/runs/{run-id}/attempts/{run-attempt}",
        "/api/v1/repos/{+repository}/actions/runs/{run-id}",
    ],
    // Before 1.26 it is the number in the repository: https://github.com/go-gitea/gitea/issues/36842
    uncertainPages: true,
    permissions: gitea_permissions,
    look: { ...get(gitea_run), ...gitea_reading },
    cancel: { ...post(`${gitea_run}/cancel`, { since: gitea_since }), reply: gitea_reading },
    force: [gitea_force],
    list: gitea_list,
    jobs: [{ ...numberedPages(`${gitea_run}/jobs?limit=50`, "jobs"), name: "name", state: ["conclusion", "status"] }],
    // With a runner before 2.0 the run is over at once, and its process lives on.
    confirmed: "status-only",
};
const gitea = {
    name: "Gitea Actions",
    answersTo: "github",
    docs: "https://docs.gitea.com/api/next/operations/cancel-workflow-run/",
    rights: "A token with scope `write:repository` of somebody who may write to the repository's Actions; for the job's own token " +
        "`permissions: actions: write` where the repository restricts it.",
    // It needs the scope `read:user`, which a cancel does not.
    whoami: [{ ...get("/user"), docs: "https://docs.gitea.com/api/next/operations/user-get-current/", who: "login" }],
    server: {
        api: "/api/v1",
        env: ["GITEA_SERVER_URL", "GITEA_INSTANCE_URL"],
        selfHosted: true,
        version: { path: "/api/v1/version", at: "version", is: /1\.(?!.*\+gitea-).*/ },
    },
    // `tea` has each token with its address.
    auth: [
        bearer({ name: "GITEA_SERVER_TOKEN", servers: ["GITEA_SERVER_URL"] }, { name: "GITEA_TOKEN", servers: ["GITEA_INSTANCE_URL"] }),
    ],
    headers: { accept: "application/json" },
    // https://github.com/go-gitea/gitea/blob/v1.27.3/services/convert/convert.go#L427; the list takes `pending`, `requested` and
    // `action_required` for `waiting`, and more names for ends.
    states: states({
        queued: ["queued"],
        running: ["in_progress"],
        blocked: ["waiting", "pending", "requested", "action_required"],
        cancelled: ["cancelled"],
        succeeded: ["success", "neutral"],
        failed: ["failure", "timed_out"],
        skipped: ["skipped"],
    }),
    targets: { run: gitea_workflowRun },
    mistakenPages: {
        // https://github.com/go-gitea/gitea/pull/36842
        "/{+repository}/actions/runs/{run-id}?by_index={by-index}": "a page by the run's number in its repository, which the API does not take; give run-id",
    },
    unverified: [
        "Which release has the cancel and the forced one: both are on the main branch since August 2026 and in none up to 1.27.3. The cancel was tried on 1.27.3 with the main branch's, the forced one was read in the sources.",
        "Whether a later release sends an empty `conclusion` for a run that is live: 1.27.3 leaves it out, and either is read.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/github.js
// https://docs.github.com/rest/actions/workflow-runs#cancel-a-workflow-run

const github_run = "/repos/{+repository}/actions/runs/{run-id}";
/** `gh` takes `HOST/OWNER/REPO`, too; no owner has a dot. */
function github_hostOf(repository) {
    const [host, ...rest] = repository.split("/");
    return rest.length === 2 && host?.includes(".") ? { host } : {};
}
/** Without the host. */
function github_ownerAndName(repository) {
    return github_hostOf(repository).host === undefined ? repository : repository.split("/").slice(1).join("/");
}
const github_repository = {
    pattern: /[\w-][\w.-]*\/[\w.-]+/,
    help: "owner and name of the repository",
    example: "octo-org/deploy",
    env: ["GH_REPO"],
    says: github_hostOf,
    normalize: github_ownerAndName,
};
/**
 * A conclusion beside another status than `completed` is none; a status alone speaks for itself. A fork's run that waits for
 * approval is `completed` with `action_required`, a word of a live run: https://github.com/nexu-io/open-design/pull/2683
 */
function github_isOver({ conclusion, status }) {
    return conclusion ? status === "completed" : undefined;
}
/** The workflow's file: `path` may end in `@` and a ref. */
function workflowPath({ path }) {
    return path?.split("@")[0];
}
/** People name a workflow by its file without the folder, too. */
function github_workflowFile(body) {
    return workflowPath(body)?.split("/").pop();
}
// https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
const events = [
    ...["branch_protection_rule", "check_run", "check_suite", "create", "delete", "deployment", "deployment_status"],
    ...["discussion", "discussion_comment", "fork", "gollum", "image_version", "issue_comment", "issues", "label"],
    ...["merge_group", "milestone", "page_build", "project", "project_card", "project_column", "public"],
    ...["pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_target", "push"],
    ...["registry_package", "release", "repository_dispatch", "schedule", "status", "watch"],
    ...["workflow_call", "workflow_dispatch", "workflow_run"],
];
const github_list = {
    ...linkedPages("/repos/{+repository}/actions/runs?per_page=100", "workflow_runs"),
    within: ["repository"],
    pageSize: 100,
    max: 1000,
    filters: { branch: "branch", commit: "head_sha", event: "event", state: "status" },
    live: ["action_required", "waiting", "requested", "pending", "queued", "in_progress", "waiting"],
    item: {
        id: "id",
        branch: "head_branch",
        commit: "head_sha",
        tree: "head_commit.tree_id",
        started: ["run_started_at", "created_at"],
        event: "event",
        // With a `run-name`, the name is the run's own: https://github.com/actions/runner/issues/4141
        workflow: [workflowPath, github_workflowFile, "name", "workflow_id"],
        headRepository: "head_repository.id",
        headRepositoryName: "head_repository.full_name",
        repository: "repository.id",
    },
    tags: {
        named: get("/repos/{+repository}/git/ref/tags/{branch}"),
        branchNamed: get("/repos/{+repository}/git/ref/heads/{branch}"),
        exceptEvents: /pull_request.*|merge_group|schedule/,
    },
    pullRequest: {
        ...get("/repos/{+repository}/pulls/{pull-request}"),
        branch: "head.ref",
        headRepository: "head.repo.id",
        label: "head.label",
    },
    // https://docs.github.com/rest/pulls/pulls#list-pull-requests
    openPullRequests: {
        ...linkedPages("/repos/{+repository}/pulls?state=open&per_page=100"),
        number: "number",
        branch: "head.ref",
        headRepository: "head.repo.id",
        filter: "head",
        events: /pull_request.*/,
    },
    // https://docs.github.com/rest/branches/branches#list-branches
    branches: { ...linkedPages("/repos/{+repository}/branches?per_page=100"), name: "name" },
    events,
    // https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request
    advice: [
        {
            input: "branch",
            on: /(?:refs\/pull\/)?\d+\/(?:merge|head)/,
            say: "a pull request's branch is `github.head_ref`, and {pull-request} selects its runs from a fork, too",
        },
        {
            input: "commit",
            on: /[0-9a-f]{40}/,
            say: "under pull_request `github.sha` is a merge commit, while the commit of its run is `github.event.pull_request.head.sha`",
        },
        {
            input: "event",
            on: /workflow_call/,
            say: "the run of a called workflow is its caller's, and has the caller's event",
        },
    ],
};
const github_workflowRun = {
    ids: {
        repository: github_repository,
        "run-id": number("number of the workflow run, as in its page's address", "9876543210", {
            digits: 20,
            unique: true,
        }),
        "run-attempt": number("the attempt to cancel; a later one is left alone", "2", { digits: 5, optional: true }),
    },
    pages: ["/{+repository}/actions/runs/{run-id}", "/{+repository}/actions/runs/{run-id}/attempts/{run-attempt}"],
    // The `previous_attempt_url` of a run.
    apiPages: [`${github_run}/attempts/{run-attempt}`],
    permissions: {
        look: "Actions: read (fine-grained tokens, apps and the job's own), or the scope `repo` (classic tokens); nothing for a public repository",
        cancel: "Actions: write, or the scope `repo`; the token's owner needs write access to the repository",
        docs: "https://docs.github.com/rest/actions/workflow-runs#cancel-a-workflow-run",
    },
    look: {
        ...get(github_run),
        state: ["conclusion", "status"],
        over: github_isOver,
        name: "name",
        ref: "head_branch",
        attempt: "run_attempt",
        pinnedBy: "run-attempt",
        shows: { "run-id": "id" },
        url: "html_url",
    },
    cancel: post(`${github_run}/cancel`),
    force: [{ ...post(`${github_run}/force-cancel`), called: "force-cancel" }],
    list: github_list,
    jobs: [{ ...linkedPages(`${github_run}/jobs?per_page=100`, "jobs"), name: "name", state: ["conclusion", "status"] }],
};
/** An installation's token has no user; it can list what it reaches. */
function reach({ total_count }) {
    return `an app or a job, with access to ${total_count} ${total_count === 1 ? "repository" : "repositories"}`;
}
/** Tokens of an installation, the job's own among them: https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats */
const ofAnApp = /ghs_/;
const ofAPerson = /(?!ghs_)/;
/** Scopes are told of classic and OAuth tokens only: https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps */
const github_whoami = [
    {
        ...get("/user"),
        docs: "https://docs.github.com/rest/users/users#get-the-authenticated-user",
        tokens: ofAPerson,
        who: "login",
        scopesHeader: "x-oauth-scopes",
        needs: ["repo", "public_repo"],
        expiresHeader: "github-authentication-token-expiration",
    },
    {
        ...get("/installation/repositories?per_page=1"),
        docs: "https://docs.github.com/rest/apps/installations#list-repositories-accessible-to-the-app-installation",
        tokens: ofAnApp,
        who: reach,
    },
    {
        ...get("/repos/{+repository}"),
        docs: "https://docs.github.com/rest/repos/repos#get-a-repository",
        tokens: ofAPerson,
        may: "permissions.push",
    },
];
/** GitHub's own servers, those of its tenants among them. */
const ours = ["github.com", "*.ghe.com"];
const github = {
    name: "GitHub Actions",
    docs: "https://docs.github.com/rest/actions/workflow-runs#cancel-a-workflow-run",
    rights: "`permissions: actions: write` for the job's own token, which reaches its own repository only and never has it for a pull request " +
        "from a fork (`workflow_run` has it); for another repository a fine-grained token or an app with Actions: write. To select by branch also Contents: read.",
    whoami: github_whoami,
    server: {
        url: "https://github.com",
        api: {
            "github.com": "https://api.github.com",
            "*.ghe.com": "https://api.{host}",
            "*": "/api/v3",
        },
        env: ["GH_HOST"],
        selfHosted: true,
        // https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
        // GitHub Enterprise Server has no limits unless its administrator sets some: https://docs.github.com/enterprise-server/rest/using-the-rest-api/rate-limits-for-the-rest-api
        budget: { points: 900, seconds: 60, change: 5, hosts: ours },
    },
    // As `gh auth token --hostname HOST` finds them.
    auth: [
        bearer(...["GH_TOKEN", "GITHUB_TOKEN"].map((name) => ({ name, hosts: ours })), ...["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"].map((name) => ({ name, otherThan: ours }))),
    ],
    headers: { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" },
    // https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api#resource-not-accessible
    errors: { needsHeader: "x-accepted-github-permissions" },
    // https://docs.github.com/rest/repos/repos#get-a-repository
    container: { kind: "repository", ids: ["repository"], look: get("/repos/{+repository}") },
    states: states({
        queued: ["requested", "pending", "queued"],
        running: ["in_progress"],
        blocked: ["waiting", "action_required"],
        cancelled: ["cancelled"],
        succeeded: ["success", "neutral"],
        failed: ["failure", "timed_out", "startup_failure", "stale"],
        skipped: ["skipped"],
    }),
    targets: { run: github_workflowRun },
    mistakenPages: {
        "/{+repository}/runs/{check-run}": "the page of a check run, whose number is not the run's; open its details and take the address of the run",
    },
};

;// CONCATENATED MODULE: ./lib/src/providers/gitlab.js
// https://docs.gitlab.com/api/jobs/#cancel-a-job
// https://docs.gitlab.com/api/pipelines/#cancel-all-jobs-for-a-pipeline

const jobRoute = "/projects/{project}/jobs/{job-id}";
const pipelineRoute = "/projects/{project}/pipelines/{pipeline-id}";
const gitlab_project = {
    pattern: /\d{1,20}|[\w.-]+(?:\/[\w.-]+)+/,
    help: "path or number of the project",
    example: "platform/deploy",
    notInAddress: /^\d+$/,
};
/** What replies about jobs and about pipelines have in common. */
const gitlab_reading = { state: "status", name: "name", ref: "ref", url: "web_url" };
/** Both cancels answer with the job or the pipeline as it is then. */
const jobReading = { ...gitlab_reading, shows: { "job-id": "id" } };
const pipelineReading = { ...gitlab_reading, shows: { "pipeline-id": "id" } };
const gitlab_permissions = {
    look: "the scope `read_api` or `api`, and a role that sees the project's pipelines: Guest where they are public to its members, else Reporter",
    cancel: "the scope `api` and the Developer role, unless the project restricts it (`ci_restrict_pipeline_cancellation_role`); on a protected branch or tag also the right to push or merge there",
    docs: "https://docs.gitlab.com/user/permissions/#cicd",
};
/** A role of Developer (30) or more, in the project or by its group: https://docs.gitlab.com/api/access_requests/#valid-access-levels */
function isDeveloper({ permissions: { project_access, group_access } }) {
    const levels = [project_access, group_access].filter(Boolean).map(({ access_level }) => access_level);
    return levels.length > 0 ? Math.max(...levels) >= 30 : undefined;
}
/** An OAuth token is no access token, and is told by its user alone. */
const gitlab_whoami = [
    {
        ...get("/user"),
        docs: "https://docs.gitlab.com/api/users/#retrieve-the-current-user",
        who: "username",
    },
    {
        ...get("/personal_access_tokens/self"),
        docs: "https://docs.gitlab.com/api/personal_access_tokens/#self-inform",
        scopes: "scopes",
        needs: ["api"],
        expires: "expires_at",
    },
    {
        ...get("/projects/{project}"),
        docs: "https://docs.gitlab.com/api/projects/#retrieve-a-project",
        may: isDeveloper,
        caveat: "a role by a group that the project is shared with does not show there",
    },
];
/** Takes effect only on a job that is already `canceling`: on any other one GitLab answers 201 and does nothing. */
const gitlab_force = {
    ...post(`${jobRoute}/cancel`, { body: { force: true } }),
    called: "a cancel with `force: true`",
    from: ["cancelling"],
    rights: "the Maintainer role",
    confirmed: "status-only",
};
/**
 * A pipeline has no forced stop of its own. What holds one is a job that hangs in `canceling`, as after a restart of its
 * runner: https://gitlab.com/gitlab-org/gitlab/-/issues/467107 https://gitlab.com/gitlab-org/gitlab-runner/-/issues/37900
 */
const forceOfJobs = {
    ...post(`${jobRoute}/cancel`, { body: { force: true } }),
    each: {
        ...linkedPages(`${pipelineRoute}/jobs?per_page=100`),
        target: "job",
        ids: { "job-id": "id" },
        state: "status",
        in: ["cancelling"],
    },
    called: "a cancel of its jobs with `force: true`",
    rights: "the Maintainer role",
    confirmed: "status-only",
};
/** The jobs that start pipelines; GitLab before 19.2 calls them bridges. */
const gitlab_triggerJobs = {
    ...linkedPages(`${pipelineRoute}/trigger_jobs?per_page=100`),
    otherwise: { on: /^404$/, ...linkedPages(`${pipelineRoute}/bridges?per_page=100`) },
};
/** `refs/merge-requests/12/head`, `…/merge` or `…/train` */
function mergeRequestOf({ ref }) {
    return /^refs\/merge-requests\/(\d+)\//.exec(ref)?.[1];
}
const gitlab_list = {
    ...linkedPages("/projects/{project}/pipelines?per_page=100"),
    within: ["project"],
    pageSize: 100,
    filters: { branch: "ref", commit: "sha", event: "source", workflow: "name", state: "status" },
    unknownWord: /answered 400: status does not have a valid value/,
    item: {
        id: "id",
        branch: "ref",
        commit: "sha",
        started: "created_at",
        event: "source",
        workflow: ["name"],
        repository: "project_id",
        pullRequest: mergeRequestOf,
    },
    // Those of merge requests: https://docs.gitlab.com/ci/pipelines/merge_request_pipelines/
    otherRefs: /refs\/.+/,
    // A pipeline of a tag shows the tag's name as its ref.
    tags: {
        is: "tag",
        named: get("/projects/{project}/repository/tags/{branch}"),
        exceptEvents: /merge_request_event|external_pull_request_event/,
    },
    pullRequest: {
        ...linkedPages("/projects/{project}/merge_requests/{pull-request}/pipelines?per_page=100"),
        ids: { project: "project_id" },
    },
    // https://docs.gitlab.com/api/merge_requests/#list-project-merge-requests
    openPullRequests: {
        ...linkedPages("/projects/{project}/merge_requests?state=opened&per_page=100"),
        number: "iid",
        branch: "source_branch",
        headRepository: "source_project_id",
        filter: "source_branch",
        one: get("/projects/{project}/merge_requests/{pull-request}"),
    },
    // https://docs.gitlab.com/api/branches/#list-repository-branches
    branches: { ...linkedPages("/projects/{project}/repository/branches?per_page=100"), name: "name" },
    // https://docs.gitlab.com/api/pipelines/#list-project-pipelines
    unlistedEvents: ["parent_pipeline"],
    advice: [
        // Their ref is `refs/merge-requests/12/head`: https://docs.gitlab.com/ci/pipelines/merge_request_pipelines/
        {
            input: "branch",
            on: /.+/,
            say: "a merge request's own pipelines are on none of its branches; {pull-request} selects them",
        },
        // https://docs.gitlab.com/ci/yaml/#workflowname
        { input: "workflow", on: /.+\.ya?ml/, say: "a pipeline is identified by its `workflow: name`, not by a file" },
    ],
};
const job = {
    ids: {
        project: gitlab_project,
        "job-id": number("number of the job, as in its page's address", "4711", { digits: 20, unique: true }),
    },
    pages: ["/{+project}/-/jobs/{job-id}"],
    permissions: gitlab_permissions,
    look: { ...get(jobRoute), ...jobReading },
    cancel: { ...post(`${jobRoute}/cancel`), reply: jobReading },
    force: [gitlab_force],
    // A job that fails may be retried as a new one: https://docs.gitlab.com/ci/yaml/#retry
    // Without `include_retried` the list has the newest job of each name: https://docs.gitlab.com/api/jobs/#list-pipeline-jobs
    successor: {
        ...linkedPages(`${pipelineRoute}/jobs?per_page=100`),
        after: ["failed"],
        within: { "pipeline-id": "pipeline.id" },
        name: "name",
        id: "id",
        state: "status",
        instead: "pipeline",
    },
};
const gitlab_pipeline = {
    ids: {
        project: gitlab_project,
        "pipeline-id": number("number of the pipeline, as in its page's address", "1215", { digits: 20, unique: true }),
    },
    // The second one is the form before GitLab 12, which still leads to the first.
    pages: ["/{+project}/-/pipelines/{pipeline-id}", "/{+project}/pipelines/{pipeline-id}"],
    permissions: gitlab_permissions,
    look: { ...get(pipelineRoute), ...pipelineReading },
    cancel: { ...post(`${pipelineRoute}/cancel`), reply: pipelineReading },
    // https://gitlab.com/gitlab-org/gitlab/-/issues/19273 https://gitlab.com/gitlab-org/gitlab/-/issues/519143
    noEffect: {
        words: ["manual"],
        because: "GitLab leaves manual jobs as they are, and nothing else of this pipeline is left; until somebody starts them nothing runs. " +
            "Each can be cancelled by its job-id",
    },
    force: [forceOfJobs],
    list: gitlab_list,
    jobs: [
        { ...linkedPages(`${pipelineRoute}/jobs?per_page=100`), name: "name", state: "status" },
        { ...gitlab_triggerJobs, name: "name", state: "status" },
    ],
    // Children are cancelled with their parent, pipelines of other projects are not:
    // https://gitlab.com/gitlab-org/gitlab/-/issues/390453
    downstream: [
        {
            ...gitlab_triggerJobs,
            target: "pipeline",
            ids: { project: "downstream_pipeline.project_id", "pipeline-id": "downstream_pipeline.id" },
        },
    ],
};
const gitlab = {
    name: "GitLab CI/CD",
    docs: "https://docs.gitlab.com/api/jobs/#cancel-a-job",
    rights: "A personal, project or group access token, or an OAuth token, with scope `api` and at least the Developer role; on a protected branch or tag also " +
        "the right to push or merge there. Forced stop: Maintainer. `CI_JOB_TOKEN` cannot cancel.",
    whoami: gitlab_whoami,
    server: {
        url: "https://gitlab.com",
        api: "/api/v4",
        env: ["GITLAB_HOST", "GITLAB_URI", "GL_HOST"],
        selfHosted: true,
        // "Authenticated API traffic for a user": https://docs.gitlab.com/user/gitlab_com/rate_limits/#current-rate-limits
        // Lower ones, by plan, are announced there; they show as a 429 that says how long to wait.
        budget: { points: 2000, seconds: 60, hosts: ["gitlab.com"] },
    },
    // Personal, project, group and OAuth tokens alike; the header PRIVATE-TOKEN takes no OAuth ones:
    // https://docs.gitlab.com/api/rest/authentication/#personalprojectgroup-access-tokens
    // The names are those that glab reads, but for OAUTH_TOKEN, which names no vendor.
    auth: [bearer("GITLAB_TOKEN", "GITLAB_ACCESS_TOKEN")],
    // `find_project!` there; a job or a pipeline that is missing is "404 Not found": https://gitlab.com/gitlab-org/gitlab/-/blob/master/lib/api/helpers.rb
    container: { kind: "project", ids: ["project"], missingWords: /404 Project Not Found/ },
    states: states({
        queued: ["created", "waiting_for_resource", "preparing", "waiting_for_callback", "pending"],
        running: ["running"],
        blocked: ["manual", "scheduled"],
        cancelling: ["canceling"],
        cancelled: ["canceled"],
        succeeded: ["success"],
        failed: ["failed"],
        skipped: ["skipped"],
    }),
    targets: { job, pipeline: gitlab_pipeline },
};

;// CONCATENATED MODULE: ./lib/src/providers/google-cloud-build.js
// https://cloud.google.com/build/docs/api/reference/rest/v1/projects.locations.builds/cancel
// https://cloud.google.com/build/docs/api/reference/rest/v1/projects.locations.builds/approve

/** Without a location the API reaches builds of the region `global` alone. */
const google_cloud_build_builds = "/projects/{project}/locations/{location}/builds";
const google_cloud_build_name = "projects/{project}/locations/{location}/builds/{build-id}";
/** A build that waits for its approval is `PENDING` as one is that is about to be queued; one that was rejected never starts. */
function google_cloud_build_stateOf({ status, approval }) {
    if (approval?.state === "REJECTED" || approval?.state === "CANCELLED")
        return approval.state;
    return status === "PENDING" && approval?.state === "PENDING" ? "PENDING approval" : status;
}
/** One that waits for its approval is rejected instead, which keeps the reason. */
function isPastApproval({ approval }) {
    return approval?.state !== "PENDING";
}
const google_cloud_build_cancel = post(`${google_cloud_build_builds}/{build-id}:cancel`, { body: { id: "{build-id}", name: google_cloud_build_name, projectId: "{project}" } });
/** To reject takes a permission of its own; who has none may have that for a cancel. */
const reject = post(`${google_cloud_build_builds}/{build-id}:approve`, {
    body: { approvalResult: { decision: "REJECTED", comment: "{reason}" } },
    otherwise: { ...google_cloud_build_cancel, on: /^PERMISSION_DENIED$/ },
});
const google_cloud_build_stop = {
    choose: [{ ...google_cloud_build_cancel, when: isPastApproval }, reject],
    reply: { state: google_cloud_build_stateOf, shows: { "build-id": "id" } },
};
/**
 * Owner and name of the repository that the branch is in: a pull request from a fork may have the plain name of a branch.
 * https://cloud.google.com/build/docs/configuring-builds/substitute-variable-values
 */
function google_cloud_build_headRepository({ substitutions }) {
    const { _PR_NUMBER: pullRequest, _HEAD_REPO_URL: address, REPO_FULL_NAME: full, REPO_NAME: own } = substitutions;
    if (pullRequest === undefined)
        return (full ?? own)?.toLowerCase();
    return /([^/:]+\/[^/:]+?)(?:\.git)?\/?$/.exec(address ?? "")?.[1]?.toLowerCase();
}
/** Where the trigger's repository is one of Cloud Source Repositories, it has no owner. */
function google_cloud_build_repository({ substitutions }) {
    return (substitutions.REPO_FULL_NAME ?? substitutions.REPO_NAME)?.toLowerCase();
}
/** A build for a tag has its name in place of a branch's. */
function google_cloud_build_isForTag({ substitutions }) {
    return substitutions.TAG_NAME !== undefined;
}
/** An empty list is left out of the reply. */
function listed({ builds: some }) {
    return some ?? [];
}
// The filter as gcloud composes it; one parameter has it all.
const google_cloud_build_live = encodeURIComponent('AND (status="PENDING" OR status="QUEUED" OR status="WORKING")');
/** The builds of a project are those of many repositories, so it is the builds of one trigger that are chosen from. */
const google_cloud_build_list = {
    ...get(`${google_cloud_build_builds}?pageSize=100&filter=trigger_id%3D%22{trigger-id}%22%20${google_cloud_build_live}`),
    items: listed,
    next: { parameter: "pageToken", token: "nextPageToken" },
    within: ["project", "location", "trigger-id"],
    pageSize: 100,
    filters: {},
    item: {
        id: "id",
        branch: "substitutions.BRANCH_NAME",
        commit: "substitutions.COMMIT_SHA",
        started: "createTime",
        pullRequest: "substitutions._PR_NUMBER",
        headRepository: google_cloud_build_headRepository,
        headRepositoryName: google_cloud_build_headRepository,
        repository: google_cloud_build_repository,
    },
    tags: { is: google_cloud_build_isForTag },
};
// The state of a step is told when the build is over, so there are no `jobs`.
const google_cloud_build_build = {
    ids: {
        project: {
            pattern: /(?:[a-z][a-z0-9.-]{0,99}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]|\d{1,20}/,
            help: "id or number of the project",
            example: "acme-shop",
            env: ["CLOUDSDK_CORE_PROJECT", "CLOUDSDK_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "GCP_PROJECT"],
        },
        location: {
            pattern: /global|[a-z]+-[a-z]+\d{1,2}/,
            help: "region of the build, or global, as in its page's address",
            example: "us-central1",
            hint: "a page without a region is that of a build in global",
            env: ["CLOUDSDK_BUILDS_REGION"],
        },
        "trigger-id": uuid("UUID of the trigger", "0a3cade0-425f-4adc-b86b-14cde51af674", { optional: true }),
        "build-id": uuid("UUID of the build", "386a5e59-56b7-44d3-b646-f7133b5f05db", { unique: true }),
    },
    pages: ["/cloud-build/builds;region={location}/{build-id}?project={project}"],
    permissions: {
        look: "`cloudbuild.builds.get`",
        cancel: "`cloudbuild.builds.update`, as the role Cloud Build Editor has it; `cloudbuild.builds.approve`, as the role Cloud Build Approver " +
            "has it, to reject a build that waits for its approval",
        docs: "https://cloud.google.com/build/docs/iam-roles-permissions",
    },
    look: {
        ...get(`${google_cloud_build_builds}/{build-id}`),
        state: google_cloud_build_stateOf,
        name: "substitutions.TRIGGER_NAME",
        ref: ["substitutions.BRANCH_NAME", "substitutions.TAG_NAME"],
        url: "logUrl",
        shows: { "build-id": "id", "trigger-id": "buildTriggerId" },
        record: { "status-detail": "statusDetail", "approval-comment": "approval.result.comment" },
    },
    cancel: google_cloud_build_stop,
    list: google_cloud_build_list,
};
/** A page of a region says so, one of `global` need not; what follows the build's id names a part of it. */
function withRegion(address) {
    const page = new URL(address);
    page.pathname = page.pathname
        .replace(/^\/cloud-build\/builds\//, "/cloud-build/builds;region=global/")
        .replace(/^(\/cloud-build\/builds;region=[a-z0-9-]{1,40}\/[0-9a-f-]{36});.*$/, "$1");
    return page.href;
}
const googleCloudBuild = {
    name: "Google Cloud Build",
    docs: "https://cloud.google.com/build/docs/api/reference/rest/v1/projects.locations.builds/cancel",
    rights: "An access token or a credential file of somebody with the role Cloud Build Editor in the project; to reject a build that waits for " +
        "its approval, with Cloud Build Approver.",
    server: {
        url: "https://console.cloud.google.com",
        api: { "console.cloud.google.com": "https://cloudbuild.googleapis.com/v1", "*": "/v1" },
        canonicalPage: withRegion,
    },
    auth: [
        bearer("CLOUDSDK_AUTH_ACCESS_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN", { file: "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE" }),
        {
            scheme: "google-credentials",
            env: {
                token: [
                    { file: "GOOGLE_APPLICATION_CREDENTIALS" },
                    { file: "GOOGLE_GHA_CREDS_PATH" },
                    { file: "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE" },
                ],
            },
        },
    ],
    errors: {
        code: "error.status",
        message: "error.message",
        notFound: /^NOT_FOUND$/,
        denied: /^(?:PERMISSION_DENIED|UNAUTHENTICATED)$/,
    },
    states: states({
        queued: ["PENDING", "QUEUED"],
        running: ["WORKING"],
        blocked: ["PENDING approval"],
        cancelled: ["CANCELLED", "REJECTED"],
        succeeded: ["SUCCESS"],
        failed: ["FAILURE", "INTERNAL_ERROR", "TIMEOUT"],
        // It waited longer than `queueTtl` and never began.
        skipped: ["EXPIRED"],
    }),
    targets: { build: google_cloud_build_build },
    unverified: [
        "No project was had: what the API answers to the cancel of a build that is over (400 FAILED_PRECONDITION, by a report of Google's engineers) and to a token without rights is written from the rules for all of Google's APIs; a look decides.",
        "Which status a rejected build has: that its approval was rejected is what counts.",
        "Whether the worker has stopped when a build is `CANCELLED`.",
        "That the API takes a project's number, which is what its own links have, wherever it takes its id.",
        "The form of `_HEAD_REPO_URL`, by which builds of forks are told apart; only triggers of GitHub have it, and builds of pull requests without it are spared in a selection.",
        "Builds of a trigger that is started by hand, or by a schedule, have the branch that they were started with.",
        "A regional endpoint (cloudbuild.REGION.rep.googleapis.com) as `server-url`.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/gorules.js
// https://docs.gorules.io/api-reference/brms/deployment-workflows/cancel-deployment-workflow-run

/** In either case: the documents do not say which one a server writes. */
function gorules_uuid(help, example) {
    return { pattern: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i, help, example };
}
/** The cancel answers with the run, too. */
const gorules_reading = { state: "status", shows: { "run-id": "id" } };
const gorules_run = {
    ids: {
        "project-id": {
            ...gorules_uuid("UUID of the project", "3c90c3cc-0d44-4b50-8888-8dd25736052a"),
            env: ["GORULES_PROJECT"],
            hint: "the project's key, which GORULES_PROJECT may hold, is not accepted",
        },
        "run-id": gorules_uuid("UUID of the deployment workflow run", "5b1f2b0e-6a54-4c0e-9a61-0b7a3a0f5d11"),
    },
    permissions: {
        look: "a token that is scoped to the project; no document says which permission",
        cancel: "apparently the permission Environments or Releases: no document says which",
        docs: "https://docs.gorules.io/api-reference/brms/deployment-workflows/cancel-deployment-workflow-run",
    },
    look: {
        ...get("/projects/{project-id}/runs/{run-id}"),
        ...gorules_reading,
        name: ["release.name", "release.version"],
        record: {
            "cancelled-by": ["cancelledBy.email", "cancelledById"],
            "cancelled-at": "completedAt",
            "cancelled-comment": "cancelledComment",
        },
    },
    cancel: { ...post("/projects/{project-id}/runs/{run-id}/cancel", { body: { comment: "{reason}" } }), reply: gorules_reading },
};
const gorules = {
    name: "GoRules BRMS",
    docs: "https://docs.gorules.io/api-reference/brms/deployment-workflows/cancel-deployment-workflow-run",
    rights: "A personal access token of that BRMS (made in the profile), scoped to the project, with the permission Environments or Releases.",
    server: { env: ["GORULES_URL"], api: "/api", selfHosted: true },
    auth: [bearer("GORULES_TOKEN")],
    states: states({
        running: ["in_progress"],
        blocked: ["waiting"],
        cancelled: ["cancelled"],
        succeeded: ["completed"],
        failed: ["failure"],
    }),
    targets: { run: gorules_run },
    unverified: [
        "Which permission of the token the cancel needs (Environments or Releases is likely).",
        "What the server answers to the cancel of a run that is over, and what its error replies look like; a look decides.",
        "Whether environments that were already deployed are rolled back; nothing says so.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/jenkins.js
// https://www.jenkins.io/doc/book/using/aborting-a-build/
// https://github.com/jenkinsci/workflow-job-plugin/blob/master/src/main/java/org/jenkinsci/plugins/workflow/job/WorkflowRun.java

/**
 * Answered with a redirect to ".", the page of the build, whether there was anything to stop or not. Jenkins itself never
 * redirects a call to its login page; a security realm's plugin, or a proxy, may:
 * https://github.com/jenkinsci/jenkins/blob/master/core/src/main/java/hudson/model/Executor.java
 */
function jenkins_stop(path) {
    return post(path, { okStatus: [302], okLocation: "parent" });
}
/** Of pipelines only: any other build answers 404. */
const jenkins_ladder = [
    { ...jenkins_stop("/{+job}/{build-number}/term"), when: "building" },
    { ...jenkins_stop("/{+job}/{build-number}/kill"), when: "building", confirmed: "status-only" },
];
/** `building` is false while post-build steps run; servers before 2.369 have no `inProgress`. */
function jenkins_isOver({ building, inProgress }) {
    return typeof building === "boolean" ? !building && !inProgress : undefined;
}
/** An item that is cancelled says so; any other one is what its class says: `hudson.model.Queue$WaitingItem`. */
function stateOfItem({ cancelled, _class }) {
    return cancelled ? "cancelled" : _class?.split("$")[1];
}
const buildAddress = /\/(?<job>job\/[^?#]{1,2000})\/(?<number>\d{1,10})\/?$/;
/** A build repeats its number in its address. */
function numberOfBuild({ url }) {
    return buildAddress.exec(url)?.groups?.["number"];
}
/** The job of the build that an item has become, as a path below the server: the server may have a path of its own. */
function jobOfItem({ executable }) {
    return buildAddress.exec(canonicalPath(executable?.url.replace(/^\w+:\/\/[^/]+/, "")))?.groups?.["job"];
}
/** What a page below a server begins with: before it, the path is the server's own. */
const roots = "job|view|user/[^/]+/my-views|me/my-views|blue/organizations|queue";
/**
 * Without views, which may stand before any job (hudson/model/Run.java getUrl; the tabs of a multibranch job are views, too), and for
 * Blue Ocean (blueocean-core-js, UrlBuilder.ts) the job's own path. Read from the left in pairs, a job that is called `view` is no view.
 */
function canonicalPath(path) {
    const [, server = "", page = ""] = new RegExp(`^((?:/(?!(?:${roots})/)[^/]+)*?)(/(?:${roots})/.*)$`).exec(path) ?? [];
    if (page === "")
        return path;
    const [, fullName, name, tab = ""] = /^\/blue\/organizations\/[^/]+\/([^/]+)\/detail\/([^/]+)(\/.*)$/.exec(page) ?? [];
    if (fullName !== undefined && name !== undefined)
        return server + jobOfBlueOcean(fullName, name) + tab;
    let jobs = "";
    let rest = page;
    for (;;) {
        const [pair, kind] = /^\/(job|view|user)\/[^/]+|^\/(?:me\/)?my-views(?=\/view\/)/.exec(rest) ?? [];
        if (pair === undefined)
            return server + jobs + rest;
        if (kind === "job")
            jobs += pair;
        rest = rest.slice(pair.length);
    }
}
/** The same of a whole address. */
function jenkins_canonicalPage(address) {
    const page = new URL(address);
    page.pathname = canonicalPath(page.pathname);
    return page.href;
}
/** What is no escape stands for itself. */
function decoded(segment) {
    return segment.replace(/(?:%[0-9A-F]{2})+/gi, (escapes) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(escapes.slice(1).split("%"), (byte) => parseInt(byte, 16))));
}
/** A job by its full name and its last name, or a multibranch job by its full name and a branch, which is encoded once more in the job's name. */
function jobOfBlueOcean(fullName, name) {
    const [folders, last] = [decoded(fullName).split("/"), decoded(name)];
    const jobs = folders.at(-1) === last ? folders : [...folders, encodeURIComponent(last)];
    return jobs.map((job) => `/job/${encodeURIComponent(job)}`).join("");
}
const jenkins_job = {
    pattern: /job\/[^/?#\s]+(?:\/job\/[^/?#\s]+)*/,
    help: "full name of the job with its folders, or the path of its page",
    example: "platform/deploy",
    normalize: jenkins_pathOf,
};
/** `a/b` is at `job/a/job/b`. What has the form of a path keeps its escapes: a branch `x/y` is `x%252Fy` there, also when a browser or a chat has decoded it once. */
function jenkins_pathOf(name) {
    const encoded = (path) => path.split("/").map(encodeURIComponent).join("/");
    if (!/^\/?job\//.test(name))
        return `job/${encoded(name).replaceAll("/", "/job/")}`;
    return encoded(canonicalPath(`/${name}`.replace(/^\/\/|\/$/g, "/")).replace(/^\/|\/$/g, ""))
        .replace(/%25(?=[0-9A-F]{2})/gi, "%")
        .replace(/%2F/gi, "%252F");
}
const jenkins_permissions = {
    look: "Overall/Read and Job/Read",
    cancel: "Job/Cancel",
    docs: "https://www.jenkins.io/doc/book/security/access-control/permissions/",
};
/** What of a build is read, in its list and in a look alike. */
const fields = "url,fullDisplayName,result,building,inProgress,number,timestamp,actions[lastBuiltRevision[SHA1,branch[name]],causes[upstreamProject,upstreamBuild]]";
/** One build, as `…/job/deploy/20/`. */
const oneBuild = get(`/{+job}/{build-number}/api/json?tree=${fields}`);
/** The job of a build, by the build's own address. */
function jobOfBuild({ url }) {
    return jobAt(url);
}
/** The path of a job below the server, by the address of a build of it. */
function jobAt(address) {
    return buildAddress.exec(canonicalPath(address?.replace(/^\w+:\/\/[^/]+/, "") ?? ""))?.groups?.["job"];
}
/**
 * The builds of a job, or of all branches of a multibranch job, whose jobs are called as the branches are; those carry the
 * branch's name. The newest 100 of a job are looked at, and of each branch the newest 25: what is older has ended.
 */
function buildsOf({ builds, jobs }) {
    if (!jobs)
        return builds;
    return jobs.flatMap(({ name, builds: ofBranch }) => (ofBranch ?? []).map((one) => ({ ...one, branchJob: decoded(name) })));
}
/** What the Git plugin has checked out, where that is one repository: a shared library is another one. */
function revisionOf({ actions }) {
    const revisions = actions.flatMap(({ lastBuiltRevision }) => lastBuiltRevision ?? []);
    const commits = new Set(revisions.map(({ SHA1 }) => SHA1));
    return commits.size === 1 ? revisions[0] : undefined;
}
/** Of a multibranch job its own name; of any other the branch that was checked out, without its remote: `refs/remotes/origin/main`. */
function jenkins_branchOf(body) {
    return (body.branchJob ?? revisionOf(body)?.branch[0]?.name.replace(/^(?:refs\/)?(?:remotes\/|heads\/)?(?:origin\/)?/, ""));
}
/** The branch sources for GitHub and Bitbucket call the job of a pull request `PR-12`, with `-head` or `-merge` where it has two; that for GitLab says `MR`. */
function jenkins_pullRequestOf({ branchJob }) {
    return /^(?:PR|MR)-(\d+)(?:-head|-merge)?$/.exec(branchJob)?.[1];
}
/** The commit that was checked out. */
function jenkins_commitOf(body) {
    return revisionOf(body)?.SHA1;
}
/** The class of the first cause, without its package: `UserIdCause`, `TimerTriggerCause`, `UpstreamCause`. */
function causeOf({ actions }) {
    const [cause] = actions.flatMap(({ causes }) => causes ?? []);
    return cause?._class?.split(/[.$]/).pop();
}
/** Jenkins counts milliseconds. */
function begun({ timestamp }) {
    return timestamp ? new Date(timestamp).toISOString() : undefined;
}
const jenkins_list = {
    ...get(`/{+job}/api/json?tree=builds[${fields}]{0,100},jobs[name,builds[${fields}]{0,25}]`),
    items: buildsOf,
    within: ["job"],
    filters: {},
    ids: { job: jobOfBuild },
    otherRefs: /(?:PR|MR)-\d+(?:-head|-merge)?/,
    item: {
        id: "number",
        branch: jenkins_branchOf,
        commit: jenkins_commitOf,
        started: begun,
        event: causeOf,
        pullRequest: jenkins_pullRequestOf,
    },
};
/** Builds and items of the queue by what their causes say, one entry for each cause: hudson/model/Cause.java UpstreamCause. */
function byCause(started) {
    return started.flatMap((one) => (one.actions ?? []).flatMap(({ causes }) => (causes ?? []).map((cause) => ({ ...one, cause }))));
}
/** Builds of the jobs that follow this one. */
function buildsOfFollowers({ downstreamProjects }) {
    return byCause((downstreamProjects ?? []).flatMap(({ builds }) => builds ?? []));
}
/** Items of the queue. */
function itemsOfQueue({ items }) {
    return items && byCause(items);
}
/** Of a cause: the full name of the job. */
function jobOfCause({ cause }) {
    return cause.upstreamProject && jenkins_pathOf(cause.upstreamProject);
}
/** What the plugins parameterized-trigger and multijob say of a build: BuildInfoExporterAction.java, MultiJobBuild.java. */
function triggeredBuilds({ actions, subBuilds }) {
    return [...(actions ?? []).flatMap(({ triggeredBuilds: all }) => all ?? []), ...(subBuilds ?? [])];
}
/** The number, from the address. */
function numberOfTriggered({ url }) {
    return buildAddress.exec(`/${url}`)?.groups?.["number"];
}
/** The job, from the address, which MultiJob writes below the server. */
function jobOfTriggered({ url }) {
    return jobAt(/^\w+:/.test(url) ? url : `/${url}`);
}
/**
 * A pipeline stops what its `build` step waits for, and nothing says what it has started without waiting: DownstreamBuildAction of
 * pipeline-build-step is not exported.
 */
const ofPipelines = {
    when: { _class: "org.jenkinsci.plugins.workflow.job.WorkflowRun" },
    because: "Jenkins does not tell what a pipeline has started; what its `build` step waits for stops with it, what it has started with `wait: false` goes on",
};
const causes = "actions[causes[upstreamProject,upstreamBuild]]";
const startedBy = { job: jobOfCause, "build-number": "cause.upstreamBuild" };
const downstream = [
    {
        ...get("/{+job}/{build-number}/api/json?tree=actions[triggeredBuilds[url]],subBuilds[url]"),
        items: triggeredBuilds,
        target: "build",
        ids: { job: jobOfTriggered, "build-number": numberOfTriggered },
        unlisted: ofPipelines,
    },
    {
        ...get(`/{+job}/api/json?tree=downstreamProjects[builds[number,url,${causes}]{0,50}]`),
        items: buildsOfFollowers,
        target: "build",
        ids: { job: jobOfBuild, "build-number": "number" },
        startedBy,
    },
    {
        ...get(`/queue/api/json?tree=items[id,${causes}]`),
        items: itemsOfQueue,
        target: "queue-item",
        ids: { "queue-id": "id" },
        startedBy,
    },
];
const jenkins_build = {
    ids: { job: jenkins_job, "build-number": number("number of the build", "20") },
    pages: ["{server}/{+job}/{build-number}"],
    permissions: jenkins_permissions,
    look: {
        ...oneBuild,
        state: "result",
        over: jenkins_isOver,
        name: "fullDisplayName",
        url: "url",
        shows: { "build-number": numberOfBuild },
    },
    cancel: jenkins_stop("/{+job}/{build-number}/stop"),
    force: jenkins_ladder,
    list: jenkins_list,
    downstream,
};
/**
 * Since 2.211 an item that has left the queue, which is shown for five minutes more, answers 500; no right 422; an unknown
 * one, or one that the user may not see, 404. From 1.479 on all of them were answered 302, and before that 302 or 404.
 * https://github.com/jenkinsci/jenkins/blob/master/core/src/main/java/hudson/model/Queue.java
 */
const leaveQueue = post("/queue/cancelItem?id={queue-id}", {
    okStatus: [302],
    deniedStatus: [422],
    refusedStatus: [500],
    statusWords: {
        422: "this user may not cancel the item",
        500: "the item has left the queue, and its build is not shown to this user",
    },
});
/** It leaves the queue as a build; from then on it is that build that is looked at and stopped. */
const queueItem = {
    ids: { "queue-id": number("id of the item in the queue", "1187") },
    pages: ["{server}/queue/item/{queue-id}"],
    permissions: jenkins_permissions,
    look: {
        ...get("/queue/item/{queue-id}/api/json"),
        state: stateOfItem,
        over: { cancelled: true },
        name: "task.name",
        shows: { "queue-id": "id" },
    },
    becomes: { target: "build", ids: { job: jobOfItem, "build-number": "executable.number" } },
    cancel: leaveQueue,
};
const crumb = { route: "GET /crumbIssuer/api/json", header: "crumbRequestField", value: "crumb" };
const jenkins = {
    name: "Jenkins",
    docs: "https://www.jenkins.io/doc/book/using/aborting-a-build/",
    rights: "A user with Job/Read and Job/Cancel, best with an API token (made in the user's settings).",
    whoami: [
        {
            ...get("/whoAmI/api/json?tree=name"),
            docs: "https://javadoc.jenkins.io/hudson/security/WhoAmI.html",
            who: "name",
        },
    ],
    server: { env: ["JENKINS_URL"], selfHosted: true, canonicalPage: jenkins_canonicalPage },
    auth: [
        // Since 2.96 an API token needs no crumb; a password given as one does, and so does a token of the security realm.
        {
            scheme: "basic-token",
            env: { username: ["JENKINS_USER_ID"], token: ["JENKINS_API_TOKEN"] },
            crumb: { ...crumb, askedBy: /No valid crumb/i },
        },
        { scheme: "basic", env: {}, crumb },
    ],
    // A right that is missing is named in headers; the pages of other errors are titled "Jenkins" since 2.224:
    // https://github.com/jenkinsci/jenkins/blob/master/core/src/main/java/hudson/security/AccessDeniedException3.java
    errors: {
        headerWords: "{x-you-are-authenticated-as} lacks {x-required-permission}",
        emptyTitles: /^(?:Jenkins(?: Login.*)?|Oops!?(?: \[Jenkins\])?)$/,
        htmlNotFound: true,
    },
    states: states({
        queued: ["WaitingItem", "BlockedItem", "BuildableItem"],
        // It has begun; its build is not shown in the first moment, and never to a user without Job/Read.
        running: ["LeftItem"],
        succeeded: ["SUCCESS", "UNSTABLE"],
        failed: ["FAILURE"],
        skipped: ["NOT_BUILT"],
        cancelled: ["ABORTED", "cancelled"],
    }),
    targets: { build: jenkins_build, "queue-item": queueItem },
    unverified: [
        "Whether a build of a multibranch job always says the branch that its job is called after: it is read from the job's name in a list.",
        "A tag's job in a multibranch job looks like a branch's: a selection by its name takes it.",
        "That a build beyond the newest 100 of a job, or 25 of a branch, has ended: such builds are not looked at.",
        "Whether the stop of a pipeline was a graceful one: one that has lost its executor is killed by it, and nothing outside says so.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/netlify.js
// https://open-api.netlify.com/#tag/deploy/operation/cancelSiteDeploy · npm @netlify/open-api

/** There is no state for a cancelled deploy: it is an error whose message says so. */
function netlify_stateOf({ state, error_message }) {
    return state === "error" && /canceled build/i.test(error_message ?? "") ? "Canceled build" : state;
}
/** The cancel answers with the deploy, too. */
const netlify_reading = { state: netlify_stateOf, shows: { "deploy-id": "id" } };
const deploy = {
    ids: {
        "deploy-id": {
            pattern: /[0-9a-f]{24}/,
            help: "id of the deploy, as in its page's address",
            example: "5f1f0f3c8c5d0a0007a1b2c3",
        },
    },
    // The last one is the deploy itself, as the CLI prints it.
    pages: [
        "/projects/{site}/deploys/{deploy-id}",
        "/sites/{site}/deploys/{deploy-id}",
        "https://{deploy-id}--{site}.netlify.app",
    ],
    permissions: {
        look: "a user who sees the site's team; tokens have no scopes",
        cancel: "a user who may deploy the site",
        docs: "https://docs.netlify.com/api/get-started/#authentication",
    },
    look: {
        ...get("/deploys/{deploy-id}"),
        ...netlify_reading,
        name: "title",
        ref: "branch",
        learn: { site: "name" },
        record: { "error-message": "error_message" },
    },
    cancel: { ...post("/deploys/{deploy-id}/cancel"), reply: netlify_reading },
};
const netlify = {
    name: "Netlify",
    docs: "https://open-api.netlify.com/#tag/deploy/operation/cancelSiteDeploy",
    rights: "A personal access token of a user who may deploy the site.",
    whoami: [
        {
            ...get("/user"),
            docs: "https://open-api.netlify.com/#tag/user/operation/getCurrentUser",
            // The description has a list.
            who: ["email", "full_name", "0.email", "0.full_name"],
        },
    ],
    server: {
        url: "https://app.netlify.com",
        api: { "app.netlify.com": "https://api.netlify.com/api/v1", "*": "/api/v1" },
        env: ["NETLIFY_API_URL"],
        // https://docs.netlify.com/api-and-cli-guides/api-guides/get-started-with-api/#rate-limiting
        budget: { points: 500, seconds: 60, hosts: ["app.netlify.com"] },
    },
    auth: [bearer("NETLIFY_AUTH_TOKEN")],
    states: states({
        queued: ["new", "accepted", "enqueued"],
        running: ["building", "preparing", "prepared", "uploading", "uploaded", "processing", "processed", "retrying"],
        blocked: ["pending_review"],
        cancelled: ["Canceled build"],
        succeeded: ["ready"],
        failed: ["error", "rejected"],
    }),
    targets: { deploy },
    unverified: [
        "Which of the documented words a cancelled deploy has: no document says so.",
        "That a cancelled deploy is an `error` whose message has the words Canceled build: two third-party clients read it so. One with another message is reported as finished anyway, with the message.",
        "What the cancel of a finished deploy is answered; a look decides.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/prefect.js
// https://docs.prefect.io/v3/advanced/cancel-workflows
// https://docs.prefect.io/v3/api-ref/rest-api/server/flow-runs/set-flow-run-state

/** A client gets a token by a name of its own choice. */
const csrfClient = { "prefect-csrf-client": "{flow-run-id}" };
/** The reply has the token's value alone. */
function csrfHeader() {
    return "prefect-csrf-token";
}
/** What a server of one's own may want with all that is no GET: https://docs.prefect.io/v3/advanced/security-settings */
const csrfToken = {
    route: "GET /csrf-token?client={flow-run-id}",
    header: csrfHeader,
    value: "token",
    askedBy: /CSRF token/,
};
/**
 * A run that waits without a process is cancelled at once, and the answer is a REJECT. One that is being cancelled is left so with a
 * REJECT, too; one that is over with an ABORT: prefect, server/orchestration/core_policy.py, and a server of 3.9.1.
 */
function isTaken({ status, state }) {
    return status === "ACCEPT" || state.type === "CANCELLING" || (status === "REJECT" && state.type === "CANCELLED");
}
/** With `force`, or to CANCELLED, the server would take any change of any run, over or not, and nobody would stop anything: there is no forced stop. */
const cancelling = {
    body: { state: { type: "CANCELLING", message: "{reason}" } },
    headers: csrfClient,
    okWhen: isTaken,
    // Of any other answer the message is not kept.
    reasonWhen: { status: "ACCEPT" },
};
function prefect_page(path, flowRuns) {
    return {
        ...post(path, { body: { flow_runs: flowRuns, limit: 200, page: 1 }, headers: csrfClient }),
        items: "results",
        next: { page: "page", total: "count" },
    };
}
/** Prefect Cloud has roles; a server of one's own has one auth string for all. */
const prefect_permissions = {
    look: "the role Viewer of the workspace, on Prefect Cloud",
    cancel: "the role Developer, or more, of the workspace, on Prefect Cloud",
    docs: "https://docs.prefect.io/v3/how-to-guides/cloud/manage-users/manage-roles",
};
/** The same for a server of one's own and for a workspace of Prefect Cloud, `name` being the target's. */
function flowRun(name, base, ids, pages) {
    const cancel = {
        ...post(`${base}/flow_runs/{flow-run-id}/set_state`, cancelling),
        reply: { state: "state.type", shows: { "flow-run-id": "state.state_details.flow_run_id" } },
    };
    return {
        ids: { ...ids, "flow-run-id": uuid("UUID of the flow run", "78a615c8-624b-467d-955c-b2d6e0fed56c") },
        pages,
        permissions: prefect_permissions,
        // What `prefect.runtime.flow_run.api_url` says.
        apiPages: [`${base}/flow-runs/flow-run/{flow-run-id}`],
        look: {
            ...get(`${base}/flow_runs/{flow-run-id}`),
            state: "state_type",
            name: "name",
            shows: { "flow-run-id": "id" },
            record: { "state-name": "state_name", "state-message": "state.message" },
        },
        cancel,
        jobs: [
            { ...prefect_page(`${base}/task_runs/paginate`, { id: { any_: ["{flow-run-id}"] } }), name: "name", state: "state_type" },
        ],
        // A nested run without a deployment is part of its parent's process, and cannot be cancelled by itself.
        downstream: [
            {
                ...prefect_page(`${base}/flow_runs/paginate`, {
                    parent_flow_run_id: { any_: ["{flow-run-id}"] },
                    deployment_id: { is_null_: false },
                }),
                target: name,
                ids: { "flow-run-id": "id" },
            },
        ],
    };
}
const cloud = "https://app.prefect.cloud";
/** Accounts and workspaces are those of Prefect Cloud, on whatever server a variable says that runs are. */
function onCloud() {
    return { host: new URL(cloud).host };
}
/** The API's address of a workspace has both ids: `https://api.prefect.cloud/api/accounts/…/workspaces/…`. */
function accountOf(value) {
    return /\/accounts\/([0-9a-f-]{36})/.exec(value)?.[1] ?? value;
}
/** The second one of them. */
function workspaceOf(value) {
    return /\/workspaces\/([0-9a-f-]{36})/.exec(value)?.[1] ?? value;
}
const inWorkspace = { env: ["PREFECT_API_URL"], says: onCloud };
const workspace = {
    "account-id": uuid("UUID of the account", "9b649228-0419-40e1-9e0d-44954b5c0ab6", {
        ...inWorkspace,
        normalize: accountOf,
    }),
    "workspace-id": uuid("UUID of the workspace", "5adaa1c4-0a55-4a54-a63a-c2f7c2e4a4a8", {
        ...inWorkspace,
        normalize: workspaceOf,
    }),
};
const prefect = {
    name: "Prefect",
    docs: "https://docs.prefect.io/v3/advanced/cancel-workflows",
    rights: "Prefect Cloud: an API key of somebody who may run flows in the workspace. A server of one's own: its auth string.",
    server: {
        api: { "app.prefect.cloud": "https://api.prefect.cloud/api", "*": "/api" },
        env: ["PREFECT_API_URL"],
        selfHosted: true,
    },
    auth: [
        bearer("PREFECT_API_KEY"),
        { scheme: "basic", env: {}, crumb: csrfToken },
        { scheme: "basic-pair", env: { token: ["PREFECT_API_AUTH_STRING"] }, crumb: csrfToken },
        { ...nothing, crumb: csrfToken },
    ],
    errors: { message: ["details.reason", "exception_message", "detail"] },
    states: states({
        queued: ["SCHEDULED", "PENDING"],
        running: ["RUNNING"],
        blocked: ["PAUSED"],
        cancelling: ["CANCELLING"],
        cancelled: ["CANCELLED"],
        succeeded: ["COMPLETED"],
        failed: ["FAILED", "CRASHED"],
    }),
    targets: {
        // First: where the environment names a workspace, a run is in there.
        "cloud-flow-run": {
            ...flowRun("cloud-flow-run", "/accounts/{account-id}/workspaces/{workspace-id}", workspace, [
                "/account/{account-id}/workspace/{workspace-id}/runs/flow-run/{flow-run-id}",
                "/account/{account-id}/workspace/{workspace-id}/flow-runs/flow-run/{flow-run-id}",
            ]),
            server: cloud,
        },
        "flow-run": flowRun("flow-run", "", {}, ["/runs/flow-run/{flow-run-id}", "/flow-runs/flow-run/{flow-run-id}"]),
    },
    unverified: [
        "Whether the role Runner is enough on Prefect Cloud: its document lets Runner run deployments, Developer also flows, and says of no role that it may cancel.",
        "Prefect Cloud: what its own documents and Prefect's client say of it; no account was had. What it answers to an API key without rights is not known, nor whether it has more states.",
        "Nobody acts on the cancel of a run that has no deployment: it stays `cancelling` until its own process ends it, and is reported as still running.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/teamcity.js
// https://www.jetbrains.com/help/teamcity/rest/start-and-cancel-builds.html
// https://www.jetbrains.com/help/teamcity/rest/buildcancelrequest.html

const teamcity_read = "id,state,status,statusText,branchName,buildTypeId,buildType(name),queuedDate,triggered(type),revisions(revision(version)),canceledInfo(text,user(username))";
/**
 * One that was cancelled is `finished`, with the status UNKNOWN; what tells is `canceledInfo`. For a moment any build that has ended
 * has that status: teamcity-cli, api/builds.go.
 */
function teamcity_stateOf({ state, status, canceledInfo }) {
    if (canceledInfo && /^(?:running|finished)$/.test(state))
        return state === "running" ? "interrupting" : "canceled";
    return state === "finished" ? status : state;
}
/** 20261126T114153+0000 */
function queuedAt({ queuedDate }) {
    const [, year, month, day, hour, minute, second, zone] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)([+-]\d{4})$/.exec(queuedDate) ?? [];
    return year === undefined ? undefined : `${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`;
}
/** A build may have several repositories, which have nothing to do with each other. */
function teamcity_commitOf({ revisions }) {
    const [first, ...more] = revisions.revision;
    return more.length === 0 ? first.version : undefined;
}
const teamcity_cancelRequest = { body: { comment: "{reason}", readdIntoQueue: false } };
/** A build that has started is in the queue no longer, which is a 404; its id is the same. */
const teamcity_cancel = {
    choose: [
        {
            ...post("/buildQueue/id:{build-id}", teamcity_cancelRequest),
            when: { state: "queued" },
            otherwise: { ...post("/builds/id:{build-id}", teamcity_cancelRequest), on: /^404$/ },
        },
        post("/builds/id:{build-id}", teamcity_cancelRequest),
    ],
};
const teamcity_list = {
    ...get(`/builds?locator=buildType:(id:{build-type}),state:(queued:true,running:true),branch:(default:any),defaultFilter:false,count:100&fields=nextHref,build(${teamcity_read})`),
    items: "build",
    next: "nextHref",
    within: ["build-type"],
    pageSize: 100,
    filters: {},
    item: {
        id: "id",
        branch: "branchName",
        commit: teamcity_commitOf,
        started: queuedAt,
        event: "triggered.type",
        workflow: ["buildTypeId", "buildType.name"],
    },
    otherRefs: /(?:pull|pull-requests|merge-requests|changes)\/.+/,
};
/** The builds that this one depends on: the jobs of a pipeline, and of any other composite build. */
const teamcity_jobs = {
    ...get("/builds?locator=snapshotDependency:(to:(id:{build-id}),recursive:true),defaultFilter:false,count:100&fields=nextHref,build(id,state,status,buildType(name),canceledInfo(text))"),
    items: "build",
    next: "nextHref",
    name: "buildType.name",
    state: teamcity_stateOf,
};
const teamcity_build = {
    ids: {
        "build-type": {
            pattern: /[A-Za-z]\w{0,224}/,
            help: "id of the build configuration",
            example: "Shop_Deploy",
            optional: true,
        },
        "build-id": number("id of the build, queued or running, as in its page's address", "4711", {
            unique: true,
            hint: "the number that people see, such as #42, is another one",
        }),
    },
    pages: ["{server}/buildConfiguration/{build-type}/{build-id}", "{server}/viewLog.html?buildId={build-id}"],
    permissions: {
        look: "a role that may view the project, such as Project Viewer",
        cancel: "a role that may stop builds of the project, such as Project developer",
        docs: "https://www.jetbrains.com/help/teamcity/managing-roles-and-permissions.html",
    },
    look: {
        ...get(`/builds/id:{build-id}?fields=${teamcity_read}`),
        state: teamcity_stateOf,
        name: "buildType.name",
        ref: "branchName",
        learn: { "build-type": "buildTypeId" },
        shows: { "build-id": "id", "build-type": "buildTypeId" },
        record: {
            "status-text": "statusText",
            "cancel-comment": "canceledInfo.text",
            "cancelled-by": "canceledInfo.user.username",
        },
    },
    cancel: teamcity_cancel,
    list: teamcity_list,
    jobs: [teamcity_jobs],
};
const teamcity = {
    name: "TeamCity",
    docs: "https://www.jetbrains.com/help/teamcity/rest/start-and-cancel-builds.html",
    rights: "An access token of a user who may stop builds of the project, as with the role Project developer. As a guest, who may rarely do that, " +
        "with `/guestAuth` at the end of `server-url`.",
    whoami: [
        {
            ...get("/users/current?fields=username,name"),
            docs: "https://www.jetbrains.com/help/teamcity/rest/manage-users.html",
            who: ["username", "name"],
        },
    ],
    server: { api: "/app/rest", env: ["TEAMCITY_URL"], selfHosted: true },
    auth: [bearer("TEAMCITY_TOKEN"), { scheme: "basic", env: {} }, nothing],
    errors: { message: ["errors.0.message", "errors.0.additionalMessage"] },
    states: states({
        queued: ["queued"],
        running: ["running"],
        cancelling: ["interrupting"],
        cancelled: ["canceled"],
        succeeded: ["SUCCESS"],
        failed: ["FAILURE", "ERROR"],
        skipped: ["deleted"],
    }),
    targets: { build: teamcity_build },
    unverified: [
        "Everything but the requests, which are those of JetBrains' own command line: no server was had. What TeamCity answers is known from JetBrains' sources of its REST API (2024).",
        "Whether a build that is being interrupted shows its `canceledInfo` already while it is running: until it is finished it counts as running or cancelling.",
        "What becomes of the builds that a composite build, such as a pipeline, depends on when it is cancelled: stop them by their own ids.",
        "Which text `branchName` has for a default branch without a name, and for builds of a tag: a selection by branch takes what it says.",
        "Whether the credentials of a build (`teamcity.auth.userId`) may cancel another one: the documents give them a limited set of build-related operations.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/terraform.js
// https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run#cancel-a-run
// https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run#run-states

/** What a token may not do is answered 404, although the run itself has been seen before. */
function action(verb) {
    return post(`/runs/{run-id}/actions/${verb}`, {
        headers: { "content-type": "application/vnd.api+json" },
        body: { comment: "{reason}" },
        deniedStatus: [404],
    });
}
/** `TF_TOKEN_tfe__east_example_com` is for tfe-east.example.com: terraform, internal/command/cliconfig/credentials.go. A number at the end is a port: tfctl, internal/pkg/profile/loader.go. */
function terraform_hostOf(rest) {
    const host = `https://${rest
        .replaceAll("__", "-")
        .replaceAll("_", ".")
        .replace(/\.(?=\d+$)/, ":")}`;
    return URL.canParse(host) ? new URL(host).host : undefined;
}
const actions = "data.attributes.actions";
/** What works is cancelled, what waits for a decision is discarded; what can be neither is told so by the server. */
const terraform_cancel = {
    choose: [
        { ...action("cancel"), when: { [`${actions}.is-cancelable`]: true } },
        { ...action("discard"), when: { [`${actions}.is-discardable`]: true } },
        { ...action("cancel"), when: { [`${actions}.is-cancelable`]: false } },
    ],
};
/** The run says from when on once the cancel was initiated: `force-cancel-available-at` of go-tfe's and pytfe's Run. */
const availableAt = "data.attributes.force-cancel-available-at";
const terraform_force = {
    ...action("force-cancel"),
    called: "force-cancel",
    when: `${actions}.is-force-cancelable`,
    availableAt,
    rights: "a token that is admin of the workspace",
};
const terraform_run = {
    ids: {
        "run-id": {
            pattern: /run-[A-Za-z0-9]+/,
            help: "id of the run, as in its page's address",
            example: "run-CZcmD7eagjhyX0vN",
        },
    },
    // The second one is what `terraform plan` prints: internal/cloud/backend_plan.go.
    pages: ["/app/{organization}/workspaces/{workspace}/runs/{run-id}", "/app/{organization}/{workspace}/runs/{run-id}"],
    permissions: {
        look: "permission to read runs in the workspace",
        cancel: "permission to apply runs in the workspace",
        docs: "https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run#cancel-a-run",
    },
    look: {
        ...get("/runs/{run-id}"),
        may: "data.attributes.permissions.can-cancel",
        state: "data.attributes.status",
        name: "data.attributes.message",
        shows: { "run-id": "data.id" },
        record: {
            "canceled-at": "data.attributes.canceled-at",
            "force-cancel-available-at": availableAt,
            workspace: "data.relationships.workspace.data.id",
        },
    },
    cancel: terraform_cancel,
    force: [terraform_force],
};
const terraform = {
    name: "HCP Terraform and Terraform Enterprise",
    docs: "https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run#cancel-a-run",
    rights: "A user or team token (organization tokens are refused) with permission to apply runs in the workspace. Forced stop: admin of the workspace.",
    whoami: [
        {
            ...get("/account/details"),
            docs: "https://developer.hashicorp.com/terraform/cloud-docs/api-docs/account#get-your-account-details",
            who: "data.attributes.username",
        },
    ],
    server: {
        url: "https://app.terraform.io",
        // tfctl, internal/commands/profile/property_docs.go: "For eu regions, use app.eu.terraform.io".
        alsoPublic: ["https://app.eu.terraform.io"],
        api: "/api/v2",
        // go-tfe tfe.go, terraform internal/cloud/backend.go, tfci internal/cloud/tfe_client.go, tfctl internal/pkg/profile/loader.go
        env: ["TFE_ADDRESS", "TFE_HOSTNAME", "TF_CLOUD_HOSTNAME", "TF_HOSTNAME", "TFCTL_HOSTNAME"],
        selfHosted: true,
        // https://developer.hashicorp.com/terraform/cloud-docs/api-docs#rate-limits
        budget: { points: 30, seconds: 1, hosts: ["app.terraform.io", "app.eu.terraform.io"] },
    },
    auth: [
        bearer({ prefix: "TF_TOKEN_", host: terraform_hostOf }, { name: "TFE_TOKEN", servers: ["TFE_ADDRESS", "TFE_HOSTNAME"] }, { name: "TF_API_TOKEN", servers: ["TF_HOSTNAME"] }, { name: "TFCTL_TOKEN", servers: ["TFCTL_HOSTNAME"] }),
    ],
    states: states({
        queued: [
            ...["pending", "fetching", "fetching_completed", "queuing"],
            ...["plan_queued", "queuing_apply", "apply_queued"],
        ],
        running: [
            ...["pre_plan_running", "pre_plan_completed", "planning", "cost_estimating", "policy_checking"],
            ...["post_plan_running", "confirmed", "pre_apply_running", "pre_apply_completed", "applying"],
            ...["post_apply_running", "post_apply_completed", "assessing"],
        ],
        blocked: [
            ...["planned", "cost_estimated", "policy_checked", "policy_override", "tf_policy_checked", "tf_policy_override"],
            ...["post_plan_completed", "planned_and_saved"],
            ...["pre_plan_awaiting_decision", "post_plan_awaiting_decision", "pre_apply_awaiting_decision"],
        ],
        cancelled: ["canceled", "force_canceled", "discarded"],
        succeeded: ["applied", "planned_and_finished"],
        failed: ["policy_soft_failed", "errored"],
    }),
    targets: { run: terraform_run },
    unverified: [
        "The states `pre_apply_*`, `post_apply_*`, `tf_policy_*`, `queuing_apply` and `*_awaiting_decision` are known from official clients, not from the documents.",
        "What `assessing` and `assessed` mean: they stand in HashiCorp's OpenAPI document without a word of explanation, so `assessed` is taken for no end.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/vercel.js
// https://vercel.com/docs/rest-api/deployments/cancel-a-deployment
// https://vercel.com/docs/rest-api/deployments/get-a-deployment-by-id-or-url · npm @vercel/sdk

/** What belongs to a team is found in its scope only. */
const scope = "teamId={team-id}&slug={team}";
/** Its page has the id without `dpl_`. */
function withPrefix(value) {
    return value.startsWith("dpl_") ? value : `dpl_${value}`;
}
/** `vercel deploy` prints the address, and the reply has its host. */
function vercel_hostOf(value) {
    return value
        .trim()
        .toLowerCase()
        .replace(/^https?:\/\//, "")
        .replace(/\/$/, "");
}
/** Milliseconds. */
function vercel_createdAt({ createdAt: time }) {
    return new Date(time).toISOString();
}
/** What a Git integration says of a deployment: `meta` has the names of GitHub, GitLab and Bitbucket each. */
const branch = ["meta.githubCommitRef", "meta.gitlabCommitRef", "meta.bitbucketCommitRef", "gitSource.ref"];
const commit = ["meta.githubCommitSha", "meta.gitlabCommitSha", "meta.bitbucketCommitSha", "gitSource.sha"];
const inTeam = {
    team: {
        pattern: /[a-z0-9][a-z0-9-]*/,
        help: "slug of the team, as in its pages' addresses",
        example: "acme",
        optional: true,
    },
    "team-id": {
        pattern: /team_[A-Za-z0-9]+/,
        help: "id of the team",
        example: "team_nLlpyC6REAqxydlFKbrMDlud",
        optional: true,
        env: ["VERCEL_ORG_ID"],
    },
};
const deploymentId = {
    pattern: /dpl_[A-Za-z0-9]{20,40}/,
    help: "id of the deployment, as in its page's address",
    example: "dpl_89qyp1cskzkLrVicDaZoDbjyHuDJ",
    normalize: withPrefix,
};
const vercel_list = {
    ...get(`/v7/deployments?projectId={project-id}&teamId={team-id}&limit=100`),
    items: "deployments",
    next: { parameter: "until", token: "pagination.next" },
    within: ["team-id", "project-id"],
    pageSize: 100,
    filters: { branch: "branch", commit: "sha", state: "state" },
    item: { id: ["uid", "id"], branch, commit, started: vercel_createdAt, event: "source", repository: "projectId" },
};
function vercel_look(id, shown) {
    return {
        ...get(`/v13/deployments/${id}?${scope}`),
        state: "readyState",
        name: "name",
        ref: branch,
        url: "inspectorUrl",
        shows: shown,
        learn: { "deployment-id": "id" },
        record: { "error-message": "errorMessage" },
    };
}
/** The reply is the deployment, CANCELED. */
function vercel_cancel(shown) {
    const call = { route: `PATCH /v12/deployments/{deployment-id}/cancel?${scope}` };
    return { ...call, reply: { state: "readyState", shows: shown } };
}
const vercel_permissions = {
    look: "a token whose scope includes the team, of somebody who sees the project",
    cancel: "a token whose scope includes the team, of somebody who may deploy the project",
    docs: "https://vercel.com/docs/rest-api#authentication",
};
const vercel_deployment = {
    ids: {
        ...inTeam,
        "project-id": {
            pattern: /prj_[A-Za-z0-9]+/,
            help: "id of the project, for a selection",
            example: "prj_9LbRBKa3v1m4Kq2yXw8nTzUc",
            optional: true,
            env: ["VERCEL_PROJECT_ID"],
        },
        "deployment-id": deploymentId,
    },
    pages: ["/{team}/{project}/{deployment-id}"],
    permissions: vercel_permissions,
    look: vercel_look("{deployment-id}", { "deployment-id": "id" }),
    cancel: vercel_cancel({ "deployment-id": "id" }),
    list: vercel_list,
};
const deploymentUrl = {
    ids: {
        ...inTeam,
        "deployment-url": {
            pattern: /[a-z0-9-]+\.vercel\.app/,
            help: "address of the deployment itself, as `vercel deploy` prints it; one of a branch or of production is another one",
            example: "shop-7h2k9qz1x-acme.vercel.app",
            normalize: vercel_hostOf,
        },
    },
    pages: ["https://{deployment-url}"],
    permissions: vercel_permissions,
    look: vercel_look("{deployment-url}", { "deployment-url": "url" }),
    cancel: vercel_cancel({ "deployment-url": "url" }),
};
const vercel = {
    name: "Vercel",
    docs: "https://vercel.com/docs/rest-api/deployments/cancel-a-deployment",
    rights: "A token whose scope includes the team. What belongs to a team is found only with its `team-id`, its slug as `team`, or its page.",
    whoami: [
        {
            ...get("/v2/user"),
            docs: "https://vercel.com/docs/rest-api/user/get-the-user",
            who: ["user.username", "user.email"],
        },
    ],
    server: {
        url: "https://vercel.com",
        api: { "vercel.com": "https://api.vercel.com", "*": "" },
    },
    auth: [bearer("VERCEL_TOKEN")],
    errors: { message: "error.message" },
    states: states({
        queued: ["QUEUED"],
        running: ["INITIALIZING", "BUILDING"],
        blocked: ["BLOCKED"],
        cancelled: ["CANCELED"],
        succeeded: ["READY"],
        failed: ["ERROR"],
    }),
    targets: { deployment: vercel_deployment, "deployment-url": deploymentUrl },
    unverified: [
        "What a cancel is answered for a deployment that is over: Vercel's documents have 400 for what cannot be canceled; a look decides.",
        "What `BLOCKED` waits for, and whether it can be canceled: no document explains it.",
        "Whether the build of a deployment that was deleted goes on: `DELETED` counts as unknown, and no look has the word.",
        "A pull request of a fork has the plain name of a branch; whether a deployment always says its repository no document tells, so a selection by branch takes forks' too.",
        "Whether the slug of a personal account, as in its pages' addresses, is taken for a team's.",
    ],
};

;// CONCATENATED MODULE: ./lib/src/providers/index.js























/** A Map, so that no name from outside can reach anything but a provider. */
const providers = new Map(Object.entries({
    airflow: airflow,
    "argo-cd": argoCd,
    "argo-workflows": argoWorkflows,
    "aws-codepipeline": awsCodepipeline,
    "azure-pipelines": azurePipelines,
    bitbucket: bitbucket,
    buildbot: buildbot,
    buildkite: buildkite,
    codearts: codearts,
    dagster: dagster,
    drone: drone,
    forgejo: forgejo,
    gitea: gitea,
    github: github,
    gitlab: gitlab,
    "google-cloud-build": googleCloudBuild,
    gorules: gorules,
    jenkins: jenkins,
    netlify: netlify,
    prefect: prefect,
    teamcity: teamcity,
    terraform: terraform,
    vercel: vercel,
}));

;// CONCATENATED MODULE: ./lib/src/library.js
/** `import { cancel } from "cancel-run"`: the same engine for programs. Nothing is printed, read from the environment or ended but what the caller hands over. */









/** Stops runs, and resolves with what became of them. Rejects with a `UsageError`, nothing sent, where the options are wrong. */
async function library_cancel(options) {
    const { signal, env = {} } = options;
    const { host, result } = libraryHost(options, providers);
    const interrupted = new AbortController();
    const interrupt = () => interrupted.abort(byPerson);
    if (signal?.aborted)
        interrupt();
    signal?.addEventListener("abort", interrupt, { once: true });
    const transport = undiciTransport(env);
    try {
        await cancelRun({ host, providers: providers, clock: systemClock(sinceStart), transport, interrupted: interrupted.signal });
        return result();
    }
    finally {
        signal?.removeEventListener("abort", interrupt);
        await transport.close();
    }
}
function sinceStart() {
    const ms = performance.now();
    return [Math.floor(ms / 1000), (ms % 1000) * 1e6];
}

var __webpack_exports__UsageError = __webpack_exports__.eb;
var __webpack_exports__cancel = __webpack_exports__.ZT;
var __webpack_exports__version = __webpack_exports__.rE;
export { __webpack_exports__UsageError as UsageError, __webpack_exports__cancel as cancel, __webpack_exports__version as version };
