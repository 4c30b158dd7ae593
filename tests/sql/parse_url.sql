SELECT parse_url('http://spark.apache.org/path?query=1', 'HOST'), parse_url('http://spark.apache.org/path?query=1', 'QUERY'), parse_url('http://spark.apache.org/path?query=1', 'QUERY', 'query');
--> struct<parse_url(http://spark.apache.org/path?query=1, HOST):string,parse_url(http://spark.apache.org/path?query=1, QUERY):string,parse_url(http://spark.apache.org/path?query=1, QUERY, query):string>
--> 'spark.apache.org' | 'query=1' | '1'
SELECT parse_url('https://user:pw@host:80/a/b?x=1&y=2&x=3#ref', 'PROTOCOL'), parse_url('https://user:pw@host:80/a/b?x=1&y=2&x=3#ref', 'PATH'), parse_url('https://user:pw@host:80/a/b?x=1&y=2&x=3#ref', 'FILE'), parse_url('https://user:pw@host:80/a/b?x=1&y=2&x=3#ref', 'AUTHORITY'), parse_url('https://user:pw@host:80/a/b?x=1&y=2&x=3#ref', 'USERINFO'), parse_url('https://user:pw@host:80/a/b?x=1&y=2&x=3#ref', 'REF'), parse_url('https://user:pw@host:80/a/b?x=1&y=2&x=3#ref', 'HOST'), parse_url('https://user:pw@host:80/a/b?x=1&y=2&x=3#ref', 'QUERY', 'x');
--> struct<parse_url(https://user:pw@host:80/a/b?x=1&y=2&x=3#ref, PROTOCOL):string,parse_url(https://user:pw@host:80/a/b?x=1&y=2&x=3#ref, PATH):string,parse_url(https://user:pw@host:80/a/b?x=1&y=2&x=3#ref, FILE):string,parse_url(https://user:pw@host:80/a/b?x=1&y=2&x=3#ref, AUTHORITY):string,parse_url(https://user:pw@host:80/a/b?x=1&y=2&x=3#ref, USERINFO):string,parse_url(https://user:pw@host:80/a/b?x=1&y=2&x=3#ref, REF):string,parse_url(https://user:pw@host:80/a/b?x=1&y=2&x=3#ref, HOST):string,parse_url(https://user:pw@host:80/a/b?x=1&y=2&x=3#ref, QUERY, x):string>
--> 'https' | '/a/b' | '/a/b?x=1&y=2&x=3' | 'user:pw@host:80' | 'user:pw' | 'ref' | 'host' | '1'
SELECT parse_url('http://h', 'PATH'), parse_url('http://h', 'FILE'), parse_url('http://h', 'QUERY'), parse_url('http://h?', 'QUERY'), parse_url('http://h?', 'FILE'), parse_url('http://h#', 'REF'), parse_url('http://h/', 'PATH'), parse_url('http://h', 'AUTHORITY'), parse_url('http://h', 'USERINFO');
--> struct<parse_url(http://h, PATH):string,parse_url(http://h, FILE):string,parse_url(http://h, QUERY):string,parse_url(http://h?, QUERY):string,parse_url(http://h?, FILE):string,parse_url(http://h#, REF):string,parse_url(http://h/, PATH):string,parse_url(http://h, AUTHORITY):string,parse_url(http://h, USERINFO):string>
--> '' | '' | NULL | '' | '?' | '' | '/' | 'h' | NULL
SELECT parse_url('http://h', 'host'), parse_url('http://h', 'FOO'), parse_url('http://h/p?a=1', 'PATH', 'a'), parse_url(NULL, 'HOST'), parse_url('http://h', NULL), parse_url('http://h?a=1', 'QUERY', NULL);
--> struct<parse_url(http://h, host):string,parse_url(http://h, FOO):string,parse_url(http://h/p?a=1, PATH, a):string,parse_url(NULL, HOST):string,parse_url(http://h, NULL):string,parse_url(http://h?a=1, QUERY, NULL):string>
--> NULL | NULL | NULL | NULL | NULL | NULL
SELECT parse_url('inva lid://spark.apache.org/path?query=1', 'QUERY');
--> error INVALID_URL 22P02
SELECT parse_url('http://a b/', 'HOST');
--> error INVALID_URL 22P02
SELECT parse_url('mailto:a@b.c', 'HOST'), parse_url('mailto:a@b.c', 'PATH'), parse_url('mailto:a@b.c', 'FILE'), parse_url('mailto:a@b.c', 'PROTOCOL'), parse_url('mailto:a@b.c', 'AUTHORITY'), parse_url('mailto:a@b.c?x=1', 'QUERY');
--> struct<parse_url(mailto:a@b.c, HOST):string,parse_url(mailto:a@b.c, PATH):string,parse_url(mailto:a@b.c, FILE):string,parse_url(mailto:a@b.c, PROTOCOL):string,parse_url(mailto:a@b.c, AUTHORITY):string,parse_url(mailto:a@b.c?x=1, QUERY):string>
--> NULL | NULL | NULL | 'mailto' | NULL | NULL
SELECT parse_url('relative/path?q=1#f', 'PATH'), parse_url('relative/path?q=1#f', 'QUERY'), parse_url('relative/path', 'PROTOCOL'), parse_url('//h/p', 'HOST'), parse_url('', 'PATH'), parse_url('', 'HOST'), parse_url('/a', 'FILE');
--> struct<parse_url(relative/path?q=1#f, PATH):string,parse_url(relative/path?q=1#f, QUERY):string,parse_url(relative/path, PROTOCOL):string,parse_url(//h/p, HOST):string,parse_url(, PATH):string,parse_url(, HOST):string,parse_url(/a, FILE):string>
--> 'relative/path' | 'q=1' | NULL | 'h' | '' | NULL | '/a'
SELECT parse_url('http://h_x/p', 'HOST'), parse_url('http://h_x/p', 'AUTHORITY'), parse_url('http://u@h_x:8/p', 'USERINFO'), parse_url('http://[::1]:80/p', 'HOST'), parse_url('http://1.2.3.4/p', 'HOST'), parse_url('http://1.2.3/p', 'HOST'), parse_url('http://-a/p', 'HOST'), parse_url('http://a-/p', 'HOST'), parse_url('http://a.b./p', 'HOST'), parse_url('http://a.1b/p', 'HOST');
--> struct<parse_url(http://h_x/p, HOST):string,parse_url(http://h_x/p, AUTHORITY):string,parse_url(http://u@h_x:8/p, USERINFO):string,parse_url(http://[::1]:80/p, HOST):string,parse_url(http://1.2.3.4/p, HOST):string,parse_url(http://1.2.3/p, HOST):string,parse_url(http://-a/p, HOST):string,parse_url(http://a-/p, HOST):string,parse_url(http://a.b./p, HOST):string,parse_url(http://a.1b/p, HOST):string>
--> NULL | 'h_x' | NULL | '[::1]' | '1.2.3.4' | NULL | NULL | NULL | 'a.b.' | NULL
SELECT parse_url('http://h/%20a?b=%41#%20', 'PATH'), parse_url('http://h/%20a?b=%41#%20', 'QUERY', 'b'), parse_url('http://h/ä?ö=ü', 'PATH'), parse_url('http://h/ä?ö=ü', 'QUERY', 'ö'), parse_url('http://u%20x:@h/', 'USERINFO');
--> struct<parse_url(http://h/%20a?b=%41#%20, PATH):string,parse_url(http://h/%20a?b=%41#%20, QUERY, b):string,parse_url(http://h/ä?ö=ü, PATH):string,parse_url(http://h/ä?ö=ü, QUERY, ö):string,parse_url(http://u%20x:@h/, USERINFO):string>
--> '/%20a' | '%41' | '/ä' | 'ü' | 'u%20x:'
SELECT parse_url('http://h/%zz', 'PATH');
--> error INVALID_URL 22P02
SELECT parse_url('http://h/<a>', 'PATH');
--> error INVALID_URL 22P02
SELECT parse_url('http://h:abc/p', 'AUTHORITY');
--> struct<parse_url(http://h:abc/p, AUTHORITY):string>
--> 'h:abc'
SELECT parse_url('http:', 'HOST');
--> error INVALID_URL 22P02
SELECT parse_url('http://', 'HOST');
--> error INVALID_URL 22P02
SELECT parse_url(':a', 'HOST');
--> error INVALID_URL 22P02
SELECT parse_url('1http://h', 'HOST');
--> error INVALID_URL 22P02
SELECT parse_url('http://h/a#b#c', 'REF');
--> error INVALID_URL 22P02
SELECT parse_url('http://[::1/p', 'HOST');
--> error INVALID_URL 22P02
SELECT parse_url('http://h/[a]', 'PATH');
--> error INVALID_URL 22P02
SELECT parse_url('http://h/?a=[1]', 'QUERY');
--> struct<parse_url(http://h/?a=[1], QUERY):string>
--> 'a=[1]'
SELECT parse_url('http://h/?a.c=1', 'QUERY', 'a.c'), parse_url('http://h/?abc=1', 'QUERY', 'a.c'), parse_url('http://h/?xa=1&a=2', 'QUERY', 'a'), parse_url('http://h/?a=&b', 'QUERY', 'a'), parse_url('http://h/?a=&b', 'QUERY', 'b');
--> struct<parse_url(http://h/?a.c=1, QUERY, a.c):string,parse_url(http://h/?abc=1, QUERY, a.c):string,parse_url(http://h/?xa=1&a=2, QUERY, a):string,parse_url(http://h/?a=&b, QUERY, a):string,parse_url(http://h/?a=&b, QUERY, b):string>
--> '1' | '1' | '2' | '' | NULL
SELECT parse_url(c, 'HOST') FROM VALUES ('http://a'), (NULL), ('x') AS t(c);
--> struct<parse_url(c, HOST):string>
--> 'a'
--> NULL
--> NULL
SELECT parse_url(c, p) FROM VALUES ('http://a/b', 'HOST'), ('http://a/b', 'PATH'), (NULL, 'x') AS t(c, p);
--> struct<parse_url(c, p):string>
--> '/b'
--> 'a'
--> NULL
SELECT parse_url(12, 'HOST');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT parse_url('a');
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605
SELECT parse_url('a', 'b', 'c', 'd');
--> error WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605
SELECT parse_url(array('a'), 'HOST');
--> error DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09
SELECT try_parse_url('inva lid://x', 'QUERY'), try_parse_url('http://h/p', 'HOST'), try_parse_url('http://h/p?a=1', 'QUERY', 'a');
--> struct<try_parse_url(inva lid://x, QUERY):string,try_parse_url(http://h/p, HOST):string,try_parse_url(http://h/p?a=1, QUERY, a):string>
--> NULL | 'h' | '1'
SELECT try_parse_url(c, 'HOST') FROM VALUES ('http://a b'), (NULL), ('http://x') AS t(c);
--> struct<try_parse_url(c, HOST):string>
--> 'x'
--> NULL
--> NULL
SELECT c, try_parse_url(c, 'HOST'), try_parse_url(c, 'AUTHORITY'), try_parse_url(c, 'USERINFO'), try_parse_url(c, 'PATH'), try_parse_url(c, 'QUERY'), try_parse_url(c, 'FILE'), try_parse_url(c, 'REF'), try_parse_url(c, 'PROTOCOL') FROM VALUES ('http://[::1]/'), ('http://[1:2:3:4:5:6:7:8]/'), ('http://[1:2:3:4:5:6:7:8:9]/'), ('http://[1::8]'), ('http://[::]'), ('http://[1:2:3:4:5:6:1.2.3.4]'), ('http://[::1.2.3.4]'), ('http://[::ffff:1.2.3.4]:8'), ('http://[fe80::1%25en0]/'), ('http://[fe80::1%en0]/'), ('http://[fe80::1%]/'), ('http://[1:2]'), ('http://[12345::]'), ('http://[:1]'), ('http://[1:]'), ('http://[1::2::3]'), ('http://[g::]'), ('http://[]/'), ('http://[::1]x/'), ('http://u@[::1]:8/p'), ('http://a:@b'), ('http://@h/'), ('http://a@b@c/'), ('http://h:/p'), ('http://h:8x'), ('http://h:99999999999'), ('http://1.2.3.4.5/'), ('http://256.1.1.1/'), ('http://1.2.3.4x/'), ('http://1/'), ('http://a..b/'), ('http://.a/'), ('http://a.-b/'), ('http:///p'), ('http://?q'), ('http://#f'), ('//'), ('///p'), ('?q=1'), ('#f'), ('a:b#c#d'), ('a:'), ('a:#x'), ('a+b-c.d:e'), ('a_b:e'), ('a/b:c'), ('http://h/a|b'), ('http://h/a\\b'), ('http://h/a^b'), ('http://h/`'), ('http://h/{}'), ('http://h/"'), ('http://h/a b'), ('http://h?a b'), ('http://h#a b'), ('http://h/~!*()\''), ('http://h;x/p'), ('http://h%41/p'), ('http://h%4/p'), ('http://ü/p'), ('http://h ü/p'), ('http://h/€😀'), ('http://u ser@h/'), ('http://ü@h/'), ('http://$,;:@&=+/'), ('http://a[b]/'), ('http://[::1/]'), ('HTTP://H/'), ('file:///etc/x?y'), ('http://h/a%2'), ('http://h/%41%'), ('http://h?x[]=1'), ('http://h#[x]'), ('urn:a:b?c'), ('urn:[x]'), ('a://b:1:2/'), ('a://b:-1/'), ('a://b:+1/'), ('http://a-b.c-d.e1'), ('http://a.b.c.'), ('http://a.1.'), ('http://1.a') AS t(c);
--> struct<c:string,try_parse_url(c, HOST):string,try_parse_url(c, AUTHORITY):string,try_parse_url(c, USERINFO):string,try_parse_url(c, PATH):string,try_parse_url(c, QUERY):string,try_parse_url(c, FILE):string,try_parse_url(c, REF):string,try_parse_url(c, PROTOCOL):string>
--> "http://h/~!*()'" | 'h' | 'h' | NULL | "/~!*()'" | NULL | "/~!*()'" | NULL | 'http'
--> '#f' | NULL | NULL | NULL | '' | NULL | '' | 'f' | NULL
--> '//' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> '///p' | NULL | NULL | NULL | '/p' | NULL | '/p' | NULL | NULL
--> '?q=1' | NULL | NULL | NULL | '' | 'q=1' | '?q=1' | NULL | NULL
--> 'HTTP://H/' | 'H' | 'H' | NULL | '/' | NULL | '/' | NULL | 'HTTP'
--> 'a+b-c.d:e' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | 'a+b-c.d'
--> 'a/b:c' | NULL | NULL | NULL | 'a/b:c' | NULL | 'a/b:c' | NULL | NULL
--> 'a:#x' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'a:' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'a://b:+1/' | NULL | 'b:+1' | NULL | '/' | NULL | '/' | NULL | 'a'
--> 'a://b:-1/' | NULL | 'b:-1' | NULL | '/' | NULL | '/' | NULL | 'a'
--> 'a://b:1:2/' | NULL | 'b:1:2' | NULL | '/' | NULL | '/' | NULL | 'a'
--> 'a:b#c#d' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'a_b:e' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'file:///etc/x?y' | NULL | NULL | NULL | '/etc/x' | 'y' | '/etc/x?y' | NULL | 'file'
--> 'http://#f' | NULL | NULL | NULL | '' | NULL | '' | 'f' | 'http'
--> 'http://$,;:@&=+/' | NULL | '$,;:@&=+' | NULL | '/' | NULL | '/' | NULL | 'http'
--> 'http://.a/' | NULL | '.a' | NULL | '/' | NULL | '/' | NULL | 'http'
--> 'http:///p' | NULL | NULL | NULL | '/p' | NULL | '/p' | NULL | 'http'
--> 'http://1.2.3.4.5/' | NULL | '1.2.3.4.5' | NULL | '/' | NULL | '/' | NULL | 'http'
--> 'http://1.2.3.4x/' | NULL | '1.2.3.4x' | NULL | '/' | NULL | '/' | NULL | 'http'
--> 'http://1.a' | '1.a' | '1.a' | NULL | '' | NULL | '' | NULL | 'http'
--> 'http://1/' | '1' | '1' | NULL | '/' | NULL | '/' | NULL | 'http'
--> 'http://256.1.1.1/' | NULL | '256.1.1.1' | NULL | '/' | NULL | '/' | NULL | 'http'
--> 'http://?q' | NULL | NULL | NULL | '' | 'q' | '?q' | NULL | 'http'
--> 'http://@h/' | 'h' | '@h' | '' | '/' | NULL | '/' | NULL | 'http'
--> 'http://[12345::]' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://[1:2:3:4:5:6:1.2.3.4]' | '[1:2:3:4:5:6:1.2.3.4]' | '[1:2:3:4:5:6:1.2.3.4]' | NULL | '' | NULL | '' | NULL | 'http'
--> 'http://[1:2:3:4:5:6:7:8:9]/' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://[1:2:3:4:5:6:7:8]/' | '[1:2:3:4:5:6:7:8]' | '[1:2:3:4:5:6:7:8]' | NULL | '/' | NULL | '/' | NULL | 'http'
--> 'http://[1:2]' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://[1::2::3]' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://[1::8]' | '[1::8]' | '[1::8]' | NULL | '' | NULL | '' | NULL | 'http'
--> 'http://[1:]' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://[:1]' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://[::1.2.3.4]' | '[::1.2.3.4]' | '[::1.2.3.4]' | NULL | '' | NULL | '' | NULL | 'http'
--> 'http://[::1/]' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://[::1]/' | '[::1]' | '[::1]' | NULL | '/' | NULL | '/' | NULL | 'http'
--> 'http://[::1]x/' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://[::]' | '[::]' | '[::]' | NULL | '' | NULL | '' | NULL | 'http'
--> 'http://[::ffff:1.2.3.4]:8' | '[::ffff:1.2.3.4]' | '[::ffff:1.2.3.4]:8' | NULL | '' | NULL | '' | NULL | 'http'
--> 'http://[]/' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://[fe80::1%25en0]/' | '[fe80::1%25en0]' | '[fe80::1%25en0]' | NULL | '/' | NULL | '/' | NULL | 'http'
--> 'http://[fe80::1%]/' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://[fe80::1%en0]/' | '[fe80::1%en0]' | '[fe80::1%en0]' | NULL | '/' | NULL | '/' | NULL | 'http'
--> 'http://[g::]' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://a-b.c-d.e1' | 'a-b.c-d.e1' | 'a-b.c-d.e1' | NULL | '' | NULL | '' | NULL | 'http'
--> 'http://a.-b/' | NULL | 'a.-b' | NULL | '/' | NULL | '/' | NULL | 'http'
--> 'http://a..b/' | NULL | 'a..b' | NULL | '/' | NULL | '/' | NULL | 'http'
--> 'http://a.1.' | NULL | 'a.1.' | NULL | '' | NULL | '' | NULL | 'http'
--> 'http://a.b.c.' | 'a.b.c.' | 'a.b.c.' | NULL | '' | NULL | '' | NULL | 'http'
--> 'http://a:@b' | 'b' | 'a:@b' | 'a:' | '' | NULL | '' | NULL | 'http'
--> 'http://a@b@c/' | NULL | 'a@b@c' | NULL | '/' | NULL | '/' | NULL | 'http'
--> 'http://a[b]/' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://h ü/p' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://h#[x]' | 'h' | 'h' | NULL | '' | NULL | '' | '[x]' | 'http'
--> 'http://h#a b' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://h%4/p' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://h%41/p' | NULL | 'h%41' | NULL | '/p' | NULL | '/p' | NULL | 'http'
--> 'http://h/"' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://h/%41%' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://h/`' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://h/a b' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://h/a%2' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://h/a\\b' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://h/a^b' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://h/a|b' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://h/{}' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://h/€😀' | 'h' | 'h' | NULL | '/€😀' | NULL | '/€😀' | NULL | 'http'
--> 'http://h:/p' | 'h' | 'h:' | NULL | '/p' | NULL | '/p' | NULL | 'http'
--> 'http://h:8x' | NULL | 'h:8x' | NULL | '' | NULL | '' | NULL | 'http'
--> 'http://h:99999999999' | NULL | 'h:99999999999' | NULL | '' | NULL | '' | NULL | 'http'
--> 'http://h;x/p' | NULL | 'h;x' | NULL | '/p' | NULL | '/p' | NULL | 'http'
--> 'http://h?a b' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://h?x[]=1' | 'h' | 'h' | NULL | '' | 'x[]=1' | '?x[]=1' | NULL | 'http'
--> 'http://u ser@h/' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | NULL
--> 'http://u@[::1]:8/p' | '[::1]' | 'u@[::1]:8' | 'u' | '/p' | NULL | '/p' | NULL | 'http'
--> 'http://ü/p' | NULL | 'ü' | NULL | '/p' | NULL | '/p' | NULL | 'http'
--> 'http://ü@h/' | 'h' | 'ü@h' | 'ü' | '/' | NULL | '/' | NULL | 'http'
--> 'urn:[x]' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | 'urn'
--> 'urn:a:b?c' | NULL | NULL | NULL | NULL | NULL | NULL | NULL | 'urn'
SELECT parse_url('http://h?a=1&b=2', 'QUERY', '[ab]'), parse_url('http://h?ab=1', 'QUERY', 'a(b)'), parse_url('http://h', 'QUERY', 'a'), parse_url('http://h?a=b=c&d', 'QUERY', 'a'), parse_url('b a d', 'PATH', 'a');
--> struct<parse_url(http://h?a=1&b=2, QUERY, [ab]):string,parse_url(http://h?ab=1, QUERY, a(b)):string,parse_url(http://h, QUERY, a):string,parse_url(http://h?a=b=c&d, QUERY, a):string,parse_url(b a d, PATH, a):string>
--> '1' | 'b' | NULL | 'b=c' | NULL
SELECT try_parse_url('http://h?a=1', 'QUERY', k) FROM VALUES ('a'), ('b'), (NULL) AS t(k);
--> struct<try_parse_url(http://h?a=1, QUERY, k):string>
--> '1'
--> NULL
--> NULL
SET spark.sql.ansi.enabled=false;
SELECT parse_url('inva lid://spark.apache.org/path?query=1', 'QUERY'), parse_url('http://h/', 'HOST'), parse_url(NULL, 'HOST');
--> struct<parse_url(inva lid://spark.apache.org/path?query=1, QUERY):string,parse_url(http://h/, HOST):string,parse_url(NULL, HOST):string>
--> NULL | 'h' | NULL
SELECT try_parse_url(concat('http://h/', c), 'PATH') FROM VALUES (chr(160)), (chr(133)), (chr(127)), ('\u2003'), ('\u3000'), ('\u200b'), (chr(9)) AS t(c);
--> struct<try_parse_url(concat(http://h/, c), PATH):string>
--> '/\u200b'
--> NULL
--> NULL
--> NULL
--> NULL
--> NULL
--> NULL
