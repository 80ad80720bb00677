/** Systems whose runs nobody can cancel by a public call, and what to do instead: said wherever one of them is named. docs/providers/ lists them, too. */
import { head } from "../text.ts";

export interface WithoutCancel {
  readonly name: string;
  /** Its pages: host and path. */
  readonly pages: readonly RegExp[];
  /** A clause that follows the name. */
  readonly because: string;
  /** What to do, as a clause. */
  readonly instead: string;
  /** The document that shows which calls there are, or that there are none any more. */
  readonly docs: string;
}

export const withoutCancel: ReadonlyMap<string, WithoutCancel> = new Map(
  Object.entries({
    fly: {
      name: "Fly.io",
      pages: [/^fly\.io\/(?:apps|dashboard)\//],
      because: "has no call that cancels a deploy, which is the work of the `fly deploy` that started it",
      instead: "cancel the job that runs `fly deploy`, and deploy the version before again",
      docs: "https://fly.io/docs/flyctl/deploy/",
    },
    "cloudflare-pages": {
      name: "Cloudflare Pages",
      pages: [/^dash\.cloudflare\.com\/(?:[^/]+\/)?pages\//],
      because: "has no public call that cancels a deployment",
      instead: "cancel the job that runs Wrangler or, where Cloudflare builds, the deployment in the dashboard",
      docs: "https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/",
    },
    "xcode-cloud": {
      name: "Xcode Cloud",
      pages: [/^appstoreconnect\.apple\.com\/(?:[^/]+\/){0,6}ci\//],
      because: "has no call that cancels a build: the App Store Connect API starts and shows them",
      instead: "cancel the build in Xcode or in App Store Connect",
      docs: "https://developer.apple.com/documentation/appstoreconnectapi/ci-build-runs",
    },
    cirrus: {
      name: "Cirrus CI",
      pages: [/^(?:api\.)?cirrus-ci\.com\//],
      because: "was shut down on June 1, 2026",
      instead: "take this step out: nothing runs there any more",
      docs: "https://pg-hackers-digest.pages.dev/threads/2b9203fc-0427-4763-8cc4-266f3f12b45d.html",
    },
  } satisfies Record<string, WithoutCancel>),
);

/** As one sentence. */
export const sentenceOn = ({ name, because, instead }: WithoutCancel): string => `${name} ${because}; ${instead}`;

/** The system whose page it is. */
export function ofPage({ host, pathname }: URL): WithoutCancel | undefined {
  const text = `${host}${pathname}`;
  return [...withoutCancel.values()].find(({ pages }) => pages.some((page) => page.test(head(text))));
}
