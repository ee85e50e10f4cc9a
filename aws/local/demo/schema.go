package demo

// schema is the sample database, one statement a line as the server's init
// file wants it.
const schema = "CREATE USER " + credential + "@'%' IDENTIFIED BY '" + credential + "';\n" +
	"GRANT ALL PRIVILEGES ON *.* TO " + credential + "@'%';\n" +
	"CREATE DATABASE " + databaseName + ";\n" +
	"USE " + databaseName + ";\n" +
	"CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(80) NOT NULL, since DATE);\n" +
	"CREATE TABLE orders (id INT PRIMARY KEY, customer INT NOT NULL, cents INT NOT NULL, placed DATETIME, KEY (customer));\n" +
	"INSERT INTO customers SELECT seq, CONCAT('Customer ', seq), DATE_ADD('2019-01-01', INTERVAL seq DAY) FROM seq_1_to_2000;\n" +
	"INSERT INTO orders SELECT seq, 1 + seq % 2000, 100 + seq % 9900, DATE_ADD('2024-01-01', INTERVAL seq MINUTE) FROM seq_1_to_20000;\n" +
	"CREATE DEFINER=" + credential + "@'%' VIEW spending AS SELECT customer, SUM(cents) AS cents FROM orders GROUP BY customer;\n"
