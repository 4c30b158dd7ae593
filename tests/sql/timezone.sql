-- names of timestamp literals are times of the session's zone
set spark.sql.session.timeZone = Asia/Kolkata;
select timestamp'2024-01-01 10:00:00', timestamp'2024-01-01 10:00:00Z', timestamp_ntz'2024-01-01 10:00:00';
--> struct<TIMESTAMP '2024-01-01 10:00:00':timestamp,TIMESTAMP '2024-01-01 15:30:00':timestamp,TIMESTAMP_NTZ '2024-01-01 10:00:00':timestamp_ntz>
--> 2024-01-01 04:30:00 | 2024-01-01 10:00:00 | 2024-01-01 10:00:00
select cast(timestamp'2024-01-01 10:00:00Z' as string), timestamp'2024-01-01 10:00:00Z' + interval '1' day;
--> struct<CAST(TIMESTAMP '2024-01-01 15:30:00' AS STRING):string,TIMESTAMP '2024-01-01 15:30:00' + INTERVAL '1' DAY:timestamp>
--> '2024-01-01 15:30:00' | 2024-01-02 10:00:00
select array(timestamp'2024-01-01 10:00:00Z'), date_format(timestamp'2024-01-01 00:00:00-08:00', 'yyyy-MM-dd HH:mm');
--> struct<array(TIMESTAMP '2024-01-01 15:30:00'):array<timestamp>,date_format(TIMESTAMP '2024-01-01 13:30:00', yyyy-MM-dd HH:mm):string>
--> [2024-01-01 10:00:00] | '2024-01-01 13:30'
select case when timestamp'2024-01-01 10:00:00Z' = timestamp'2024-01-01 15:30:00' then 1 end;
--> struct<CASE WHEN (TIMESTAMP '2024-01-01 15:30:00' = TIMESTAMP '2024-01-01 15:30:00') THEN 1 END:int>
--> 1
select count(*) from range(3) group by timestamp'2024-01-01 10:00:00Z';
--> struct<count(1):bigint>
--> 3
select current_timezone();
--> struct<current_timezone():string>
--> 'Asia/Kolkata'
set time zone 'America/Los_Angeles';
select timestamp'2024-01-01 10:00:00', timestamp'2024-01-01 10:00:00Z';
--> struct<TIMESTAMP '2024-01-01 10:00:00':timestamp,TIMESTAMP '2024-01-01 02:00:00':timestamp>
--> 2024-01-01 18:00:00 | 2024-01-01 10:00:00
select to_timestamp('2024-07-01 00:00:00'), timestamp'epoch', cast(timestamp'2024-07-01 00:00:00Z' as date);
--> struct<to_timestamp(2024-07-01 00:00:00):timestamp,TIMESTAMP '1969-12-31 16:00:00':timestamp,CAST(TIMESTAMP '2024-06-30 17:00:00' AS DATE):date>
--> 2024-07-01 07:00:00 | 1970-01-01 00:00:00 | 2024-06-30
