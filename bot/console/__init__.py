"""The staff console: sign-in, queues, tickets, reports, accounts. Server-rendered pages and small scripts."""
