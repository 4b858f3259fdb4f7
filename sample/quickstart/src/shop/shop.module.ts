/** The shop: an ordinary Nest module. Flags are decorators here and nothing more. */
import { Module } from '@nestjs/common';
import { CheckoutController } from './checkout.controller.js';
import { ClubController } from './club.controller.js';
import { DeliveryController } from './delivery.controller.js';
import { HomeController } from './home.controller.js';
import { ProductsController } from './products.controller.js';
import { StaffController } from './staff.controller.js';
import { WholesaleController } from './wholesale.controller.js';

@Module({
  controllers: [
    CheckoutController,
    ClubController,
    DeliveryController,
    HomeController,
    ProductsController,
    StaffController,
    WholesaleController,
  ],
})
export class ShopModule {}
