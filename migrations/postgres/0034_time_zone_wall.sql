-- Whoever shares a tenant with a person may read the new column too.
SELECT hufu_window('app_user');
