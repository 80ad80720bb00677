/** Made by `npm run generate` from package.json: where people get the action and the GitLab components. */
export const published = {
  github: "OWNER/cancel-run",
  gitlab: "gitlab.com/OWNER/cancel-run",
} as const;
