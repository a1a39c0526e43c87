# Asks the application at $URL as a user would. FAIL=true is there to see what a failing test does to the rest of the task.
set -eu
page=$(wget -q -O - "$URL/index.html")
echo "The application says: $page"
[ "$FAIL" != true ] || { echo "FAILED: the page is not what it should be"; exit 1; }
[ "$page" = "Hello from the application." ] || { echo "FAILED: another page was expected"; exit 1; }
echo "1 test passed"
