-- When the first of the attempts that follow one another on an entry page was asked for; NULL: this one is the first.
ALTER TABLE "authorization" ADD COLUMN asked_at BIGINT;
