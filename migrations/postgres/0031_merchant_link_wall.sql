-- Links for merchants belong to their tenant, and who opened them with them.
SELECT hufu_wall('merchant_link');
SELECT hufu_wall('merchant_link_visit', $r$EXISTS (SELECT 1 FROM merchant_link l WHERE l.id = merchant_link_visit.link_id
    AND l.tenant_id = current_setting('hufu.tenant', true))$r$);
