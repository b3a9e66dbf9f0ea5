document.querySelectorAll('table.sorted').forEach(function (table) {
  table.querySelectorAll('thead th').forEach(function (head, column) {
    var button = document.createElement('button');
    button.type = 'button';
    while (head.firstChild) button.appendChild(head.firstChild);
    head.appendChild(button);
    button.addEventListener('click', function () {
      var up = head.getAttribute('aria-sort') !== 'ascending';
      table.querySelectorAll('thead th').forEach(function (other) { other.removeAttribute('aria-sort'); });
      head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
      var body = table.tBodies[0];
      var rows = Array.prototype.slice.call(body.rows);
      var key = function (row) {
        var value = row.cells[column].getAttribute('data-v');
        return value === null ? row.cells[column].textContent : value === '' ? NaN : Number(value);
      };
      rows.sort(function (a, b) {
        var x = key(a), y = key(b);
        if (typeof x === 'string' || typeof y === 'string') return (up ? 1 : -1) * String(x).localeCompare(String(y));
        if (x !== x || y !== y) return (x !== x) - (y !== y);
        return (up ? 1 : -1) * (x < y ? -1 : x > y ? 1 : 0);
      });
      rows.forEach(function (row) { body.appendChild(row); });
    });
  });
});
