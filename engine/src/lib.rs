//! Documents, relations, evaluation, findings and reports.
