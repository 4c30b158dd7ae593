SELECT format_number(12332.123456, 4);
--> struct<format_number(12332.123456, 4):string>
--> '12,332.1235'
SELECT format_number(12332, 0), format_number(-1234567, 2), format_number(CAST(1 AS TINYINT), 1), format_number(5S, 1), format_number(123456789012L, 3);
--> struct<format_number(12332, 0):string,format_number(-1234567, 2):string,format_number(CAST(1 AS TINYINT), 1):string,format_number(5, 1):string,format_number(123456789012, 3):string>
--> '12,332' | '-1,234,567.00' | '1.0' | '5.0' | '123,456,789,012.000'
SELECT format_number(0.5D, 0), format_number(1.5D, 0), format_number(2.5D, 0), format_number(-0.4D, 0), format_number(-0.0D, 1), format_number(1e20D, 2), format_number(1.005D, 2), format_number(0.125D, 2);
--> struct<format_number(0.5, 0):string,format_number(1.5, 0):string,format_number(2.5, 0):string,format_number(-0.4, 0):string,format_number(-0.0, 1):string,format_number(1.0E20, 2):string,format_number(1.005, 2):string,format_number(0.125, 2):string>
--> '0' | '2' | '2' | '-0' | '-0.0' | '100,000,000,000,000,000,000.00' | '1.00' | '0.12'
SELECT format_number(double('NaN'), 2), format_number(double('Infinity'), 2), format_number(double('-Infinity'), 2);
--> struct<format_number(NaN, 2):string,format_number(Infinity, 2):string,format_number(-Infinity, 2):string>
--> 'NaN' | '∞' | '-∞'
SELECT format_number(float(1.1), 3), format_number(float(123456.78), 8), format_number(1e-10D, 12), format_number(1e300D, 1), format_number(1234567890123456789D, 2);
--> struct<format_number(1.1, 3):string,format_number(123456.78, 8):string,format_number(1.0E-10, 12):string,format_number(1.0E300, 1):string,format_number(1.23456789012345677E18, 2):string>
--> '1.100' | '123,456.78125000' | '0.000000000100' | '1,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000.0' | '1,234,567,890,123,456,770.00'
SELECT format_number(12345678901234567890123456789012345.678, 2), format_number(-0.005, 2), format_number(0.015, 2), format_number(0.025, 2), format_number(CAST(0 AS DECIMAL(10,2)), 3), format_number(-0.001, 1);
--> struct<format_number(12345678901234567890123456789012345.678, 2):string,format_number(-0.005, 2):string,format_number(0.015, 2):string,format_number(0.025, 2):string,format_number(CAST(0 AS DECIMAL(10,2)), 3):string,format_number(-0.001, 1):string>
--> '12,345,678,901,234,567,890,123,456,789,012,345.68' | '-0.00' | '0.02' | '0.02' | '0.000' | '-0.0'
SELECT format_number(1, -1), format_number(NULL, 2), format_number(1, CAST(NULL AS INT));
--> struct<format_number(1, -1):string,format_number(NULL, 2):string,format_number(1, CAST(NULL AS INT)):string>
--> NULL | NULL | NULL
SELECT format_number('12345.678', 2), format_number('12345.678', '2');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT format_number(12332.123456, '##################.###');
--> struct<format_number(12332.123456, ##################.###):string>
--> '12332.123'
SELECT format_number(12332.123456, CAST(NULL AS STRING));
--> struct<format_number(12332.123456, CAST(NULL AS STRING)):string>
--> NULL
SELECT format_number(1, true);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT format_number(1, 2.5);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT format_number(true, 2);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT format_number(1);
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605
SELECT format_number(d, n) FROM VALUES (1.5D, 1), (NULL, 2), (1234.5D, NULL), (12345.678D, 3) AS t(d, n);
--> struct<format_number(d, n):string>
--> '1.5'
--> '12,345.678'
--> NULL
--> NULL
SELECT format_number(d, 2L) FROM VALUES (1.5D), (1234567.891D) AS t(d);
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT format_number(1, 400), format_number(1.5D, 341);
--> struct<format_number(1, 400):string,format_number(1.5, 341):string>
--> '1.0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000' | '1.5000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'
SELECT format_number(9007199254740993D, 0), format_number(0.1D, 20), format_number(1e15D,3), format_number(123.456e5D, 1), format_number(2.675D, 2), format_number(1.115D, 2);
--> struct<format_number(9.007199254740992E15, 0):string,format_number(0.1, 20):string,format_number(1.0E15, 3):string,format_number(1.23456E7, 1):string,format_number(2.675, 2):string,format_number(1.115, 2):string>
--> '9,007,199,254,740,992' | '0.10000000000000000000' | '1,000,000,000,000,000.000' | '12,345,600.0' | '2.67' | '1.11'
SELECT format_number(c, '#,##0.0') FROM VALUES (1), (-1234567) AS t(c);
--> struct<format_number(c, #,##0.0):string>
--> '-1,234,567.0'
--> '1.0'
SELECT format_number(1234567.891, '#,####.##'), format_number(5, '000.00'), format_number(0.5, '.00'), format_number(0, '#'), format_number(0, '#.##'), format_number(123.5D, '#'), format_number(-0.4D, '#'), format_number(12345678.9, ',##0.00'), format_number(1234.5, '#,#,##0.0##');
--> struct<format_number(1234567.891, #,####.##):string,format_number(5, 000.00):string,format_number(0.5, .00):string,format_number(0, #):string,format_number(0, #.##):string,format_number(123.5, #):string,format_number(-0.4, #):string,format_number(12345678.9, ,##0.00):string,format_number(1234.5, #,#,##0.0##):string>
--> '123,4567.89' | '005.00' | '.50' | '0' | '0' | '124' | '-0' | '12,345,678.90' | '1,234.5'
SELECT format_number(1234567, '0,000'), format_number(12, '0,000'), format_number(1, '0000000000'), format_number(-5, '#,##0'), format_number(double('NaN'), '0.0'), format_number(double('-inf'), '0');
--> struct<format_number(1234567, 0,000):string,format_number(12, 0,000):string,format_number(1, 0000000000):string,format_number(-5, #,##0):string,format_number(NaN, 0.0):string,format_number(-inf, 0):string>
--> '1,234,567' | '0,012' | '0000000001' | '-5' | 'NaN' | '-∞'
SELECT format_number(-0.0D, 0), format_number(0D, 0), format_number(-1, 0), format_number(CAST(-0.4 AS DECIMAL(3,1)), 0), format_number(5e-324D, 3), format_number(1.7976931348623157E308D, 0), format_number(-9223372036854775808L, 1), format_number(0.5, 0), format_number(1.5, 0), format_number(2.5, 0), format_number(99.995D, 2), format_number(999.5D, 0), format_number(9.5D, 0);
--> struct<format_number(-0.0, 0):string,format_number(0.0, 0):string,format_number(-1, 0):string,format_number(CAST(-0.4 AS DECIMAL(3,1)), 0):string,format_number(4.9E-324, 3):string,format_number(1.7976931348623157E308, 0):string,format_number(-9223372036854775808, 1):string,format_number(0.5, 0):string,format_number(1.5, 0):string,format_number(2.5, 0):string,format_number(99.995, 2):string,format_number(999.5, 0):string,format_number(9.5, 0):string>
--> '-0' | '0' | '-1' | '-0' | '0.000' | '179,769,313,486,231,570,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000' | '-9,223,372,036,854,775,808.0' | '0' | '2' | '2' | '100.00' | '1,000' | '10'
SELECT format_number(4.35D, 1), format_number(0.045D, 2), format_number(1.45D, 1), format_number(1.55D, 1), format_number(8.345D, 2), format_number(1e23D, 0), format_number(2e-3D, 4), format_number(float(0.15), 1), format_number(float(16777217), 0);
--> struct<format_number(4.35, 1):string,format_number(0.045, 2):string,format_number(1.45, 1):string,format_number(1.55, 1):string,format_number(8.345, 2):string,format_number(9.999999999999999E22, 0):string,format_number(0.002, 4):string,format_number(0.15, 1):string,format_number(16777217, 0):string>
--> '4.3' | '0.04' | '1.4' | '1.6' | '8.35' | '99,999,999,999,999,990,000,000' | '0.0020' | '0.2' | '16,777,216'
SELECT format_number(12332.123456, '#,##0.00'), format_number(12332.5D, ''), format_number(-12332.5D, ''), format_number(12332.123456, '0'), format_number(0.5, '#.#');
--> struct<format_number(12332.123456, #,##0.00):string,format_number(12332.5, ):string,format_number(-12332.5, ):string,format_number(12332.123456, 0):string,format_number(0.5, #.#):string>
--> '12,332.12' | '12,332' | '-12,332' | '12332' | '0.5'
--@ not yet
SELECT format_number(0.25, '0.0%');
--> struct<format_number(0.25, 0.0%):string>
--> '25.0%'
--@ not yet
SELECT format_number(1, '0;0'), format_number(1, '$0'), format_number(1, '0E0');
--> struct<format_number(1, 0;0):string,format_number(1, $0):string,format_number(1, 0E0):string>
--> '1' | '$1' | '1E0'
