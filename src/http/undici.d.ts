declare module "undici/lib/dispatcher/agent.js" {
  import type { Agent } from "undici";
  const value: typeof Agent;
  export default value;
}
declare module "undici/lib/dispatcher/env-http-proxy-agent.js" {
  import type { EnvHttpProxyAgent } from "undici";
  const value: typeof EnvHttpProxyAgent;
  export default value;
}
declare module "undici/lib/api/api-request.js" {
  import type { Dispatcher } from "undici";
  function request(this: Dispatcher, options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData>;
  export default request;
}
declare module "undici/lib/dispatcher/dispatcher.js" {
  import type { Dispatcher } from "undici";
  const value: typeof Dispatcher;
  export default value;
}
declare module "undici/lib/api/api-connect.js" {
  import type { Dispatcher } from "undici";
  function connect<T>(this: Dispatcher, options: Dispatcher.ConnectOptions<T>): Promise<Dispatcher.ConnectData<T>>;
  export default connect;
}
