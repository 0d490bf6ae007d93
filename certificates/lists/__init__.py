"""名单核对: an employer's list of up to 200 people, each compared with the register."""

ROWS_AT_MOST = 200
KEPT_MINUTES = 30
