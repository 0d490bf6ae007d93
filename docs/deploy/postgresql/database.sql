-- As postgres, after roles.sql, and again when the database was lost: the database, closed to everybody but our roles.
CREATE DATABASE certlookup OWNER certlookup_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE certlookup FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE certlookup
    TO certlookup_owner, certlookup_staff, certlookup_public, certlookup_rekey, certlookup_backup;
