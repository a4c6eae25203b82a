/** What can be wrong with what a balancer is to do; part of the catalogue in error-catalogue.ts. */
import type { CatalogueEntry } from './error-catalogue.ts';

export type BalanceErrorCode = 'E_ROUTE' | 'E_CERTIFICATE';

export const balanceErrors: Readonly<Record<BalanceErrorCode, CatalogueEntry>> = {
  E_ROUTE: {
    exit: 'usage',
    status: 400,
    message: '{place}: the route {route} {reason}.',
    fix: '{hint}',
  },
  E_CERTIFICATE: {
    exit: 'usage',
    status: 400,
    message: '{place}: {file} {reason}.',
    fix: '{hint}',
  },
};
