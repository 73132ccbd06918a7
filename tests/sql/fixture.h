#pragma once

namespace ticklake {

/// The tables of the SQL tests, as src/table lays them out: a view of the user's columns in `main`,
/// one with the metadata columns in `wide`.
inline constexpr const char* kFixture = R"sql(
CREATE SCHEMA wide;
CREATE SCHEMA placed;
CREATE SCHEMA store;
CREATE TABLE store.trades AS
  SELECT ['AAPL', 'MSFT', 'NVDA'][1 + i % 3] AS symbol,
         (100 + i * 0.25)::DOUBLE AS price,
         ((i * 37) % 500 + 1)::BIGINT AS size,
         ['Q', 'N'][1 + i % 2] AS venue,
         i AS seq,
         TIMESTAMP '2026-11-24 00:15:03' + INTERVAL (i * 100) MILLISECOND AS event_time,
         'trades' AS _topic, 0::INTEGER AS _partition, i AS _offset,
         TIMESTAMP '2026-11-24 00:15:03' + INTERVAL (i * 100) MILLISECOND AS _event_time,
         TIMESTAMP '2026-11-24 00:15:03.001' + INTERVAL (i * 100) MILLISECOND AS _append_time,
         TIMESTAMP '2026-11-24 00:15:03.004' + INTERVAL (i * 100) MILLISECOND AS _visible_time,
         CASE WHEN i < 20 THEN TIMESTAMP '2026-11-24 00:16:00' END AS _durable_time,
         '2026-11-24' AS dt
  FROM range(30) r(i);
CREATE VIEW wide.trades AS FROM store.trades;
CREATE VIEW placed.trades AS SELECT * EXCLUDE (_visible_time, _durable_time) FROM store.trades;
CREATE VIEW main.trades AS SELECT symbol, price, size, venue, seq, event_time FROM store.trades;
CREATE TABLE store.sp500 AS
  SELECT DATE '2000-01-03' + i::INTEGER AS date, 1400 + i AS close, 'sp500' AS _topic,
         0::INTEGER AS _partition, i AS _offset, NULL::TIMESTAMP AS _event_time,
         NULL::TIMESTAMP AS _append_time, NULL::TIMESTAMP AS _visible_time,
         NULL::TIMESTAMP AS _durable_time, '2026-11-24' AS dt
  FROM range(3) r(i);
CREATE VIEW wide.sp500 AS FROM store.sp500;
CREATE VIEW placed.sp500 AS SELECT * EXCLUDE (_visible_time, _durable_time) FROM store.sp500;
CREATE VIEW main.sp500 AS SELECT date, close FROM store.sp500;
)sql";

}  // namespace ticklake
