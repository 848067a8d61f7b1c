-- A tenant's logo belongs to it; it is served to anybody by the portal's own role.
SELECT hufu_wall('tenant_logo');
