-- By whose clock a person reads moments: a name of the IANA's list. NULL: Beijing's.
ALTER TABLE app_user ADD COLUMN time_zone TEXT;
