-- What somebody is on the platform: admin, or support, who sees everything but secrets and changes nothing. The column
-- platform_admin stays as it was written, for programs that read it; the role decides.
ALTER TABLE app_user ADD COLUMN platform_role TEXT;
UPDATE app_user SET platform_role = 'admin' WHERE platform_admin;
