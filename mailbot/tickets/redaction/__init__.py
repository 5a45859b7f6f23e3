"""A person's data are removed at that person's request (`mailbot person redact`): what is the person's, where else the
person is named, and the removal; numbers, times, statuses, categories and marks stay."""
