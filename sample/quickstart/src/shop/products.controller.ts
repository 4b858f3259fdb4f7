/** The shelf. Everybody may look; newcomers pay less. */
import { Controller, Get } from '@nestjs/common';
import { FlagPayload } from 'nestjs-feature-flags';

interface Discount {
  readonly percent: number;
  readonly code: string;
}

const shelf = [
  { name: 'Harbour House', price: 11 },
  { name: 'Lighthouse Decaf', price: 12 },
  { name: 'Founders Blend', price: 14.5 },
];

@Controller('products')
export class ProductsController {
  @Get()
  list(@FlagPayload('welcome-discount') discount: Discount | undefined) {
    const factor = 1 - (discount?.percent ?? 0) / 100;
    const products = shelf.map(({ name, price }) => ({
      name,
      price: Math.round(price * factor * 100) / 100,
    }));
    return discount === undefined ? { products } : { products, discount };
  }
}
