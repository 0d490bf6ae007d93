-- As postgres, once; the five passwords are the psql variables owner, staff, public, rekey and backup (deployment.md).
-- The five roles of certlookup. No role is a member of another.
CREATE ROLE certlookup_owner LOGIN PASSWORD :'owner';
CREATE ROLE certlookup_staff LOGIN PASSWORD :'staff';
CREATE ROLE certlookup_public LOGIN PASSWORD :'public';
CREATE ROLE certlookup_rekey LOGIN PASSWORD :'rekey';
-- Dumps, and restores each dump into a database of its own to prove it.
CREATE ROLE certlookup_backup LOGIN CREATEDB PASSWORD :'backup';
GRANT pg_read_all_data TO certlookup_backup;
