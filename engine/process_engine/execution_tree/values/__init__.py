"""Values of variables: `stored` as their columns hold them, `given` as clients write them."""
